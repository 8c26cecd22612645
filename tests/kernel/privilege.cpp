// SPDX-License-Identifier: Apache-2.0
#include "privilege.h"

#include <cstdint>
#include <fstream>

#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sockets.h"

namespace bindtrace {
namespace {

constexpr uid_t kNobody = 65534;

}  // namespace

void give_up_all_rights() {
  must(setgroups(0, nullptr) == 0 && setgid(kNobody) == 0 && setuid(kNobody) == 0, "setuid");
}

void keep_two_capabilities() {
  const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
  setrlimit(RLIMIT_MEMLOCK, &unlimited);  // where it fails: needed before 5.11 alone, which counted BPF memory by it
  must(prctl(PR_SET_KEEPCAPS, 1) == 0, "PR_SET_KEEPCAPS");
  give_up_all_rights();
  constexpr uint32_t kTwo = 1U << (CAP_BPF - 32) | 1U << (CAP_PERFMON - 32);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct data[2] = {{0, 0, 0}, {kTwo, kTwo, kTwo}};
  must(syscall(SYS_capset, &header, data) == 0, "capset");
  for (const int capability : {CAP_BPF, CAP_PERFMON}) {
    must(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) == 0, "PR_CAP_AMBIENT_RAISE");
  }
}

bool events_are_restricted() {
  int level = 0;
  std::ifstream("/proc/sys/kernel/perf_event_paranoid") >> level;
  return level > 2;
}

}  // namespace bindtrace
