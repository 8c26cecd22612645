// SPDX-License-Identifier: Apache-2.0
#include "netns.h"

#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sched.h>

#include "link.h"
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

}  // namespace

Netns::Netns() {
  const Fd old = current_namespace();
  check(unshare(CLONE_NEWNET) == 0, "unshare(CLONE_NEWNET)");
  fd_ = current_namespace();
  errno = set_link_up("lo");
  check(errno == 0, "bring the loopback device up");
  check(setns(old.get(), CLONE_NEWNET) == 0, "setns");
}

void Netns::set(const std::string& name, const std::string& value) const {
  const Fd old = current_namespace();
  check(setns(fd_.get(), CLONE_NEWNET) == 0, "setns");
  std::ofstream file("/proc/sys/net/" + name);
  file << value << std::flush;
  const bool written = file.good();
  check(setns(old.get(), CLONE_NEWNET) == 0, "setns");
  if (!written) {
    throw std::runtime_error("cannot set net/" + name + " to " + value);
  }
}

void Netns::enter() const {
  must(setns(fd_.get(), CLONE_NEWNET) == 0, "setns");
}

uint64_t Netns::inode() const {
  return inode_of(fd_.get());
}

}  // namespace bindtrace
