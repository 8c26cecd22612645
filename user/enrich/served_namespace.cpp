// SPDX-License-Identifier: Apache-2.0
#include "enrich/served_namespace.h"

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "enrich/container_finder.h"
#include "enrich/proc_text.h"
#include "enrich/proxy_arguments.h"
#include "enrich/root_directory.h"

namespace bindtrace {
namespace {

constexpr std::size_t kMostFds = 1024;
constexpr std::size_t kMostThreads = 64;

using Netns = std::optional<std::uint32_t>;

Netns unless_own(Netns netns, Netns own) {
  return netns == own ? std::nullopt : netns;
}

// pasta keeps it open.
Netns by_descriptor(const ProcDir& dir, Netns own) {
  const auto list = dir.list_fds(kMostFds);
  for (const std::uint32_t fd : list ? list->fds : std::vector<std::uint32_t>{}) {
    const auto target = dir.read_link(("fd/" + std::to_string(fd)).c_str());
    if (const Netns netns = target ? unless_own(parse_netns_link(*target), own) : std::nullopt) {
      return netns;
    }
  }
  return std::nullopt;
}

std::vector<std::uint32_t> children_of(const std::filesystem::path& proc_root, std::uint32_t pid, const ProcDir& dir) {
  std::vector<std::uint32_t> children;
  std::vector<std::uint32_t> threads = list_pids(proc_root / std::to_string(pid) / "task");
  threads.resize(std::min(threads.size(), kMostThreads));
  for (const std::uint32_t tid : threads) {
    const auto text = dir.read_file(("task/" + std::to_string(tid) + "/children").c_str());
    std::string_view rest = text ? std::string_view(*text) : std::string_view();
    std::uint32_t child = 0;
    for (auto parsed = std::from_chars(rest.data(), rest.data() + rest.size(), child); parsed.ec == std::errc{};
         parsed = std::from_chars(rest.data(), rest.data() + rest.size(), child)) {
      children.push_back(child);
      rest.remove_prefix(static_cast<std::size_t>(parsed.ptr - rest.data()));
      rest.remove_prefix(rest.starts_with(' ') ? 1 : 0);
    }
  }
  return children;
}

// rootlessport has a child in it, which makes the connections there.
Netns by_child(const std::filesystem::path& proc_root, std::uint32_t pid, const ProcDir& dir, Netns own) {
  for (const std::uint32_t child : children_of(proc_root, pid, dir)) {
    const auto child_dir = ProcDir::open(proc_root, child);
    if (const Netns netns = child_dir ? unless_own(netns_of(*child_dir), own) : std::nullopt) {
      return netns;
    }
  }
  return std::nullopt;
}

// A file of a namespace, without opening what may be another kind of file.
Netns by_path(const ProcDir& dir, const std::string& path) {
  auto root = dir.open_directory("root");
  const auto file = root ? RootDirectory(*std::move(root)).find(path) : Result<UniqueFd>(tl::unexpected(Error{}));
  struct statfs system {};
  struct stat status {};
  if (!file || ::fstatfs(file->get(), &system) != 0 || system.f_type != NSFS_MAGIC ||
      ::fstat(file->get(), &status) != 0) {
    return std::nullopt;
  }
  return static_cast<std::uint32_t>(status.st_ino);
}

Netns by_arguments(const std::filesystem::path& proc_root, const ProcDir& dir, StandIn stand_in) {
  const auto text = dir.read_file("cmdline");
  const auto argv = text ? parse_cmdline(*text, text->size() == ProcDir::kSmallFile) : std::vector<std::string>{};
  const ServedNamespace served = stand_in == StandIn::kSlirp4netns ? parse_slirp4netns(argv)
                                 : stand_in == StandIn::kPasta     ? parse_pasta(argv)
                                                                   : ServedNamespace{};
  if (served.path) {
    return by_path(dir, *served.path);
  }
  const auto process = served.pid ? ProcDir::open(proc_root, *served.pid) : Result<ProcDir>(tl::unexpected(Error{}));
  return process ? netns_of(*process) : std::nullopt;
}

}  // namespace

std::optional<std::uint32_t> served_namespace(const std::filesystem::path& proc_root, std::uint32_t pid,
                                              const ProcDir& dir, StandIn stand_in) {
  const Netns own = netns_of(dir);
  if (!own) {
    return std::nullopt;
  }
  if (const Netns netns = by_descriptor(dir, own)) {
    return netns;
  }
  if (const Netns netns = by_child(proc_root, pid, dir, own)) {
    return netns;
  }
  return unless_own(by_arguments(proc_root, dir, stand_in), own);
}

}  // namespace bindtrace
