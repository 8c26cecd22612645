// SPDX-License-Identifier: Apache-2.0
#include "netns.h"

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "sockets.h"

namespace bindtrace {
namespace {

void check(bool good, const char* what) {
  if (!good) {
    throw std::runtime_error(std::string(what) + ": " + std::generic_category().message(errno));
  }
}

Fd current_namespace() {
  Fd fd(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
  check(fd.open(), "open /proc/self/ns/net");
  return fd;
}

void bring_loopback_up() {
  const Fd fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  check(fd.open(), "socket");
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP;
  check(ioctl(fd.get(), SIOCSIFFLAGS, &request) == 0, "bring the loopback device up");
}

}  // namespace

Netns::Netns() {
  const Fd old = current_namespace();
  check(unshare(CLONE_NEWNET) == 0, "unshare(CLONE_NEWNET)");
  fd_ = current_namespace();
  bring_loopback_up();
  check(setns(old.get(), CLONE_NEWNET) == 0, "setns");
}

void Netns::enter() const {
  must(setns(fd_.get(), CLONE_NEWNET) == 0, "setns");
}

uint64_t Netns::inode() const {
  return inode_of(fd_.get());
}

}  // namespace bindtrace
