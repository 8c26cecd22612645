// SPDX-License-Identifier: Apache-2.0
#include "enrich/container_finder.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <system_error>
#include <utility>

#include "enrich/local_addresses.h"
#include "enrich/proc_text.h"

namespace bindtrace {
namespace {

constexpr std::size_t kMostProcesses = 32'768;
constexpr std::size_t kMostNamespaces = 1024;   // whose addresses are read
constexpr std::size_t kLongestTable = 262'144;  // of a container that is a router

}  // namespace

std::optional<std::uint32_t> parse_netns_link(std::string_view target) {
  constexpr std::string_view kPrefix = "net:[";
  if (!target.starts_with(kPrefix) || !target.ends_with(']')) {
    return std::nullopt;
  }
  target.remove_prefix(kPrefix.size());
  target.remove_suffix(1);
  std::uint32_t inode = 0;
  const auto [end, error] = std::from_chars(target.data(), target.data() + target.size(), inode);
  return error == std::errc{} && end == target.data() + target.size() ? std::optional(inode) : std::nullopt;
}

std::optional<std::uint32_t> netns_of(const ProcDir& dir) {
  const auto target = dir.read_link("ns/net");
  return target ? parse_netns_link(*target) : std::nullopt;
}

ContainerFinder::ContainerFinder(std::filesystem::path proc_root) : proc_root_(std::move(proc_root)) {
  std::vector<std::uint32_t> pids = list_pids(proc_root_);
  pids.resize(std::min(pids.size(), kMostProcesses));
  for (const std::uint32_t pid : pids) {
    const auto dir = ProcDir::open(proc_root_, pid);
    const auto netns = dir ? netns_of(*dir) : std::nullopt;
    if (netns) {
      pids_[*netns].push_back(pid);
    }
  }
}

// A pid may be another process's by now; what is read through its directory is of one and the same.
std::optional<CgroupIdentity> ContainerFinder::place_in(std::uint32_t netns, const ProcDir& dir) const {
  if (netns_of(dir) != netns) {
    return std::nullopt;
  }
  const auto text = dir.read_file("cgroup");
  const auto path = text ? parse_cgroup(*text) : std::nullopt;
  CgroupIdentity place = path ? identify_cgroup(path->path) : CgroupIdentity{};
  return place.container_id ? std::optional(std::move(place)) : std::nullopt;
}

std::optional<FoundContainer> ContainerFinder::in_namespace(std::uint32_t netns) const {
  std::optional<FoundContainer> first;
  std::uint64_t first_ticks = std::numeric_limits<std::uint64_t>::max();
  bool alone = true;
  const auto pids = pids_.find(netns);
  for (const std::uint32_t pid : pids == pids_.end() ? std::vector<std::uint32_t>{} : pids->second) {
    const auto dir = ProcDir::open(proc_root_, pid);
    const auto place = dir ? place_in(netns, *dir) : std::nullopt;
    const auto text = place ? dir->read_file("stat") : Result<std::string>(tl::unexpected(Error{}));
    const auto stat = text ? parse_stat(*text) : std::nullopt;
    if (!stat) {
      continue;
    }
    alone = alone && (!first || first->id == place->container_id);
    if (stat->start_ticks < first_ticks) {
      first_ticks = stat->start_ticks;
      first = FoundContainer{*place->container_id, place->container_runtime};
    }
  }
  if (first) {
    first->alone = alone;
  }
  return first;
}

bool ContainerFinder::has_address(std::uint32_t netns, const IpAddress& address) const {
  for (const std::uint32_t pid : pids_.at(netns)) {
    const auto dir = ProcDir::open(proc_root_, pid);
    if (!dir || !place_in(netns, *dir)) {
      continue;
    }
    const bool ipv4 = address.family == Family::kIpv4;
    const auto table = dir->read_file(ipv4 ? "net/fib_trie" : "net/if_inet6", kLongestTable);
    if (table) {
      return ipv4 ? fib_trie_has_local(*table, address) : if_inet6_has(*table, address);
    }
  }
  return false;
}

std::vector<FoundContainer> ContainerFinder::with_address(const IpAddress& address, std::uint32_t except) const {
  std::vector<FoundContainer> found;
  std::size_t looked_at = 0;
  for (const auto& [netns, pids] : pids_) {
    if (netns == except || looked_at++ >= kMostNamespaces || !has_address(netns, address)) {
      continue;
    }
    if (auto container = in_namespace(netns)) {
      found.push_back(*std::move(container));
    }
  }
  return found;
}

}  // namespace bindtrace
