// SPDX-License-Identifier: Apache-2.0
#include "core/blind_spots.h"

namespace bindtrace {
namespace {

struct BlindSpot {
  bool (*is_there)(const Sight& sight);
  const char* words;
};

bool is_tracepoint(const Sight& sight) {
  return sight.tier == "tracepoint";
}
bool is_kprobe(const Sight& sight) {
  return sight.tier == "kprobe";
}
bool everywhere(const Sight& /*sight*/) {
  return true;
}

constexpr BlindSpot kBlindSpots[] = {
    {is_tracepoint, "binds that the kernel makes itself (kernel_bind, as for a vxlan device) are not seen"},
    {is_tracepoint,
     "the address is read from the caller's memory after the call: a hostile program can forge it (address_source: "
     "user)"},
    {[](const Sight& sight) { return !is_tracepoint(sight); },
     "vsock and sctp addresses and requests for port 0 are read from the caller's memory: a hostile program can forge "
     "them (address_source: user)"},
    {[](const Sight& sight) { return sight.programs_preempted && !is_kprobe(sight); },
     "when several tasks fail on one CPU at once the kernel may skip some: they are counted (missed), not shown"},
    {is_kprobe,
     "when many tasks sleep inside bind at once (from one a CPU on old kernels, from 10 on new ones) the kernel skips "
     "others: they are counted (missed), not shown"},
    {[](const Sight& sight) { return sight.vsock_types == false; },
     "who has a vsock address is not found: this kernel's module vsock gives no type information"},
    {[](const Sight& sight) { return !sight.records_binds; },
     "who made a bind is not recorded (--no-bound-by): only who has the socket at the failure is known"},
    {[](const Sight& sight) { return sight.initial_pid_namespace == false; },
     "this is not the host's pid namespace: executables, the holders' scripts and users' names are missing (a "
     "container needs "
     "--pid=host)"},
    {[](const Sight& sight) { return !sight.proc_shows_all; },
     "/proc hides other users' processes (hidepid): of these only what the kernel side saw is known, not executables "
     "and "
     "scripts, nor whether they still run (to see them takes CAP_SYS_PTRACE)"},
    {[](const Sight& sight) { return sight.cgroups == CgroupHierarchy::kV1; },
     "a process that has exited has no cgroup name, so no unit and no container: this host has cgroup v1 alone"},
    {[](const Sight& sight) { return sight.cgroups == CgroupHierarchy::kHybrid; },
     "of a process that has exited the cgroup in the v2 hierarchy alone is known, not those of v1"},
    {everywhere,
     "who has an AF_UNIX, netlink, vsock, sctp or ping address is searched when the call is over: a holder that exits "
     "in between is gone"},
    {everywhere, "a socket that only a thread with descriptors of its own has (unshared CLONE_FILES) has no holder"},
};

}  // namespace

std::vector<std::string> blind_spots(const Sight& sight) {
  std::vector<std::string> found;
  if (sight.tier.empty()) {
    return found;  // nothing is seen at all
  }
  for (const BlindSpot& spot : kBlindSpots) {
    if (spot.is_there(sight)) {
      found.emplace_back(spot.words);
    }
  }
  return found;
}

}  // namespace bindtrace
