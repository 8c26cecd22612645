// SPDX-License-Identifier: Apache-2.0
// A process that has udp ports of 127.0.0.1 while this object lives.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace bindtrace::bench {

class PortHolder {
 public:
  // `first` and those that follow it. Returns when it has them. Throws std::runtime_error if it cannot get them.
  PortHolder(std::uint16_t first, int count);
  ~PortHolder();
  PortHolder(const PortHolder&) = delete;
  PortHolder& operator=(const PortHolder&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  pid_t pid_;
};

}  // namespace bindtrace::bench
