// SPDX-License-Identifier: Apache-2.0
#include "enrich/fd_search.h"

#include <algorithm>
#include <cerrno>
#include <optional>

#include <fmt/format.h>

#include "enrich/proc_text.h"

namespace bindtrace {
namespace {

std::optional<std::uint64_t> inode_of(const ProcDir& dir, std::uint32_t fd) {
  const auto target = dir.read_link(fmt::format("fd/{}", fd).c_str());
  return target ? parse_socket_link(*target) : std::nullopt;
}

FdsByInode match(const ProcDir& dir, const std::vector<std::uint32_t>& fds, const std::set<std::uint64_t>& inodes) {
  FdsByInode found;
  for (const std::uint32_t fd : fds) {
    const auto inode = inode_of(dir, fd);
    if (inode && inodes.contains(*inode)) {
      found[*inode].push_back(fd);
    }
  }
  for (auto& entry : found) {
    std::sort(entry.second.begin(), entry.second.end());
  }
  return found;
}

}  // namespace

Result<FdsByInode> find_fds(const ProcDir& dir, const std::set<std::uint64_t>& inodes, std::size_t limit) {
  const auto list = dir.list_fds(limit);
  if (!list) {
    return tl::unexpected(list.error());
  }
  return match(dir, list->fds, inodes);
}

FdsByInode still_open(const ProcDir& dir, const FdsByInode& fds) {
  FdsByInode open;
  for (const auto& [inode, numbers] : fds) {
    for (const std::uint32_t fd : numbers) {
      if (inode_of(dir, fd) == inode) {
        open[inode].push_back(fd);
      }
    }
  }
  return open;
}

FdSearch find_everywhere(const std::filesystem::path& proc_root, const std::set<std::uint64_t>& inodes,
                         std::size_t limit) {
  FdSearch search;
  for (const std::uint32_t pid : list_pids(proc_root)) {
    const auto dir = ProcDir::open(proc_root, pid);
    const auto list = dir ? dir->list_fds(limit) : Result<ProcDir::FdList>(tl::unexpected(dir.error()));
    if (!list) {
      const int error = list.error().os_error;
      search.denied += error == EACCES || error == EPERM ? 1 : 0;  // others have just exited
      continue;
    }
    if (auto found = match(*dir, list->fds, inodes); !found.empty()) {
      search.by_pid[pid] = std::move(found);
    }
    limit -= list->fds.size();
    if (list->cut || limit == 0) {
      search.cut = true;
      break;
    }
  }
  return search;
}

}  // namespace bindtrace
