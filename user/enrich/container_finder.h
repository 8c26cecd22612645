// SPDX-License-Identifier: Apache-2.0
// Which container a network namespace belongs to, by the cgroups of the processes in it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/cgroup_name.h"
#include "core/endpoint.h"
#include "enrich/proc_dir.h"

namespace bindtrace {

struct FoundContainer {
  std::string id;
  std::optional<std::string> runtime;
  bool alone = true;  // no process of another container is in its namespace; else the one that was there first
};

// The processes of this moment. What appears or ends while it looks is missed.
class ContainerFinder {
 public:
  // Looks at all processes, at no more than some ten thousand.
  explicit ContainerFinder(std::filesystem::path proc_root);

  // Absent: no process of a container is in that namespace.
  [[nodiscard]] std::optional<FoundContainer> in_namespace(std::uint32_t netns) const;

  // Those whose own address that is, but in `except`; more than one where networks use the same addresses.
  [[nodiscard]] std::vector<FoundContainer> with_address(const IpAddress& address, std::uint32_t except) const;

 private:
  [[nodiscard]] std::optional<CgroupIdentity> place_in(std::uint32_t netns, const ProcDir& dir) const;
  [[nodiscard]] bool has_address(std::uint32_t netns, const IpAddress& address) const;

  std::filesystem::path proc_root_;
  std::map<std::uint32_t, std::vector<std::uint32_t>> pids_;  // by network namespace, the lower pids first
};

// Of /proc/PID/ns/net, or of a descriptor of such a file: "net:[4026531840]".
std::optional<std::uint32_t> parse_netns_link(std::string_view target);

// The inode number of the process's network namespace; absent: gone, or not ours to see.
std::optional<std::uint32_t> netns_of(const ProcDir& dir);

}  // namespace bindtrace
