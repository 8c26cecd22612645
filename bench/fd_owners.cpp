// SPDX-License-Identifier: Apache-2.0
#include "fd_owners.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <stdexcept>

#include "calls.h"

namespace bindtrace::bench {
namespace {

bool open_null(int fds) {
  const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  for (int fd = null + 1; fd < fds; fd++) {
    if (::dup(null) < 0) {
      return false;
    }
  }
  return true;
}

bool open_listeners(int sockets, int process) {
  sockaddr_in address = loopback(0);  // any port
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + static_cast<std::uint32_t>(process) + 1);
  for (int i = 0; i < sockets; i++) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind_to(fd, address) != 0 || ::listen(fd, 1) != 0) {
      return false;
    }
  }
  return true;
}

[[noreturn]] void own(int fds, FdOwners::Kind kind, int process, int ready) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (!(kind == FdOwners::Kind::kNull ? open_null(fds) : open_listeners(fds, process))) {
    ::_exit(1);
  }
  ::_exit(::write(ready, "", 1) == 1 ? ::pause() : 1);
}

}  // namespace

FdOwners::FdOwners(int processes, int fds_each, Kind kind) {
  std::array<int, 2> ready{};
  if (::pipe2(ready.data(), O_CLOEXEC) != 0) {
    throw std::runtime_error("cannot make a pipe");
  }
  for (int i = 0; i < processes; i++) {
    const pid_t pid = ::fork();
    if (pid == 0) {
      own(fds_each, kind, i, ready[1]);
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
