// SPDX-License-Identifier: Apache-2.0
// What bindtrace cannot see, by tier and host, in words for a person.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace bindtrace {

enum class CgroupHierarchy { kV2, kHybrid, kV1 };  // hybrid: v2 beside v1

// All that decides what is seen.
struct Sight {
  std::string tier;  // as records name it; empty: none
  bool programs_preempted = false;
  bool records_binds = true;        // was asked to
  std::optional<bool> vsock_types;  // the module vsock tells its types; absent: it is not loaded
  std::optional<CgroupHierarchy> cgroups;
  std::optional<bool> initial_pid_namespace;
  bool proc_shows_all = true;  // the processes of all users
};

// One sentence each, the gravest first; no line breaks. What is not known to be so is left out.
std::vector<std::string> blind_spots(const Sight& sight);

}  // namespace bindtrace
