// SPDX-License-Identifier: Apache-2.0
// What this host allows, as `bindtrace doctor` found it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/blind_spots.h"
#include "core/cost.h"
#include "core/incident.h"

namespace bindtrace {

struct TierFinding {
  std::string name;
  std::optional<bool> works;  // absent: not tried
  std::string reason;         // why it does not work or was not tried
};

struct CapabilityFinding {
  std::string name;
  bool held = false;
  std::string without;  // where it is not held: what that costs
};

struct KernelFindings {
  std::string release;
  std::string architecture;
  bool btf = false;
  std::optional<std::string> lockdown;    // "none", "integrity", "confidentiality"
  std::optional<std::string> preemption;  // "none", "voluntary", "full", "lazy"
  bool programs_preempted = true;         // true also where nothing tells
  std::optional<bool> has_loop;           // bpf_loop
  std::optional<CgroupHierarchy> cgroups;
};

struct DestinationFinding {
  std::string option;     // "--journald"
  std::string not_there;  // why there is none here; empty: it is ready
};

struct OutputFindings {
  bool terminal = false;  // stdout
  std::string form;       // that stdout gets by default
  std::vector<std::string> forms;
  std::vector<DestinationFinding> destinations;  // beside it
};

struct Checkup {
  std::int64_t unix_ns = 0;
  std::shared_ptr<const HostFacts> host;
  std::string tier;                     // empty: none works
  std::string trouble;                  // then why, with the remedy
  std::optional<std::string> unproven;  // the tier works, but this kept it from its self-check
  std::vector<TierFinding> tiers;       // best first
  KernelFindings kernel;
  std::vector<CapabilityFinding> capabilities;
  std::optional<bool> initial_user_namespace;
  std::optional<bool> initial_pid_namespace;
  std::optional<Cost> cost;
  std::string no_cost;  // why it was not measured
  std::vector<std::string> blind_spots;
  OutputFindings output;
};

// What is lost without a capability; empty: nothing that we know of.
std::string_view lost_without(std::string_view capability, bool has_sys_admin);

std::string_view to_string(CgroupHierarchy hierarchy);

// "bindtrace 0.1.0 works on this host, by tier fexit"
std::string verdict(const Checkup& checkup);

}  // namespace bindtrace
