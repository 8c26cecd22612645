// SPDX-License-Identifier: Apache-2.0
#include "set_tid.h"

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <fstream>
#include <stdexcept>

#include <linux/sched.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace bindtrace {

pid_t fork_as(pid_t pid) {
  clone_args arguments{};
  arguments.exit_signal = SIGCHLD;
  arguments.set_tid = reinterpret_cast<uint64_t>(&pid);
  arguments.set_tid_size = 1;
  return static_cast<pid_t>(syscall(SYS_clone3, &arguments, sizeof(arguments)));
}

pid_t free_pid() {
  pid_t limit = 0;
  std::ifstream("/proc/sys/kernel/pid_max") >> limit;
  for (pid_t pid = limit - 1; pid > limit / 2; pid--) {
    if (kill(pid, 0) != 0 && errno == ESRCH) {
      return pid;
    }
  }
  throw std::runtime_error("no pid is free");
}

}  // namespace bindtrace
