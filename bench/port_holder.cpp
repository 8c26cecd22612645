// SPDX-License-Identifier: Apache-2.0
#include "port_holder.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <stdexcept>

#include "calls.h"

namespace bindtrace::bench {
namespace {

[[noreturn]] void have(std::uint16_t first, int count, int ready) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (int i = 0; i < count; i++) {
    const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind_to(fd, loopback(static_cast<std::uint16_t>(first + i))) != 0) {
      ::_exit(1);
    }
  }
  ::_exit(::write(ready, "", 1) == 1 ? ::pause() : 1);
}

}  // namespace

PortHolder::PortHolder(std::uint16_t first, int count) {
  std::array<int, 2> ready{};
  if (::pipe2(ready.data(), O_CLOEXEC) != 0) {
    throw std::runtime_error("cannot make a pipe");
  }
  pid_ = ::fork();
  if (pid_ == 0) {
    have(first, count, ready[1]);
  }
  ::close(ready[1]);
  char byte = 0;
  const bool has_them = ::read(ready[0], &byte, 1) == 1;
  ::close(ready[0]);
  if (!has_them) {
    throw std::runtime_error("the ports are not to be had");
  }
}

PortHolder::~PortHolder() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

}  // namespace bindtrace::bench
