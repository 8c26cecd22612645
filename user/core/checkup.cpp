// SPDX-License-Identifier: Apache-2.0
#include "core/checkup.h"

namespace bindtrace {
namespace {

struct Lack {
  std::string_view capability;
  std::string_view words;
  bool in_sys_admin = false;  // CAP_SYS_ADMIN includes it (capabilities(7))
};

constexpr Lack kLacks[] = {
    {"CAP_BPF", "no BPF program can be loaded: bindtrace does not work", true},
    {"CAP_PERFMON", "BPF programs cannot be attached and may not read the kernel's memory: bindtrace does not work",
     true},
    {"CAP_SYS_ADMIN",
     "the kprobe tier does not work where kernel.perf_event_paranoid is above 2, and which ports are reserved in other "
     "network namespaces is not known; else not needed"},
    {"CAP_SYS_PTRACE", "executables, scripts and descriptors of other users' processes are not seen in /proc"},
    {"CAP_DAC_READ_SEARCH", "descriptors of other users' processes are not listed in /proc"},
};

}  // namespace

std::string_view lost_without(std::string_view capability, bool has_sys_admin) {
  for (const Lack& lack : kLacks) {
    if (lack.capability == capability) {
      return lack.in_sys_admin && has_sys_admin ? "not needed: CAP_SYS_ADMIN includes it" : lack.words;
    }
  }
  return "";
}

std::string_view to_string(CgroupHierarchy hierarchy) {
  switch (hierarchy) {
    case CgroupHierarchy::kV2:
      return "v2";
    case CgroupHierarchy::kHybrid:
      return "hybrid";
    case CgroupHierarchy::kV1:
      break;
  }
  return "v1";
}

std::string verdict(const Checkup& checkup) {
  std::string words = "bindtrace";
  if (checkup.host) {
    words += ' ' + checkup.host->service_version;
  }
  if (checkup.tier.empty()) {
    return words + " does not work here: " + checkup.trouble;
  }
  words += " works here, by tier " + checkup.tier;
  return checkup.unproven ? words + ", but nothing proves it: the self-check could not be made" : words;
}

}  // namespace bindtrace
