// SPDX-License-Identifier: Apache-2.0
// A private network namespace with its loopback device up, so that a test may use any port.
#pragma once

#include <cstdint>
#include <string>

#include "fd.h"

namespace bindtrace {

class Netns {
 public:
  // Needs CAP_SYS_ADMIN; throws std::runtime_error. The calling process stays where it is.
  Netns();

  // Moves the calling process into the namespace; ends it if that fails.
  void enter() const;
  // Sets a sysctl of the namespace, by its path below /proc/sys/net. Throws std::runtime_error.
  void set(const std::string& name, const std::string& value) const;
  // Inode number, as in /proc/PID/ns/net.
  [[nodiscard]] uint64_t inode() const;
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  Fd fd_;
};

}  // namespace bindtrace
