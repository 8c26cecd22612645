// SPDX-License-Identifier: Apache-2.0
#include "fd_owners.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <stdexcept>

namespace bindtrace::bench {
namespace {

[[noreturn]] void own(int fds, int ready) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  for (int fd = null + 1; fd < fds; fd++) {
    if (::dup(null) < 0) {
      ::_exit(1);
    }
  }
  ::_exit(::write(ready, "", 1) == 1 ? ::pause() : 1);
}

}  // namespace

FdOwners::FdOwners(int processes, int fds_each) {
  std::array<int, 2> ready{};
  if (::pipe2(ready.data(), O_CLOEXEC) != 0) {
    throw std::runtime_error("cannot make a pipe");
  }
  for (int i = 0; i < processes; i++) {
    const pid_t pid = ::fork();
    if (pid == 0) {
      own(fds_each, ready[1]);
    }
    pids_.push_back(pid);
  }
  ::close(ready[1]);
  char byte = 0;
  int owning = 0;
  while (owning < processes && ::read(ready[0], &byte, 1) == 1) {
    owning++;
  }
  ::close(ready[0]);
  if (owning < processes) {
    throw std::runtime_error("not all processes got their descriptors");
  }
}

FdOwners::~FdOwners() {
  for (const pid_t pid : pids_) {
    ::kill(pid, SIGKILL);
  }
  for (const pid_t pid : pids_) {
    ::waitpid(pid, nullptr, 0);
  }
}

}  // namespace bindtrace::bench
