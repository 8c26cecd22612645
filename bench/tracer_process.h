// SPDX-License-Identifier: Apache-2.0
// A bindtrace that runs while this object lives.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace bindtrace::bench {

class TracerProcess {
 public:
  // Returns when it is attached; its output is thrown away. Throws std::runtime_error if it does not start.
  TracerProcess(const std::string& program, const std::vector<std::string>& options);
  ~TracerProcess();
  TracerProcess(const TracerProcess&) = delete;
  TracerProcess& operator=(const TracerProcess&) = delete;

  [[nodiscard]] double seconds_to_ready() const { return seconds_to_ready_; }

 private:
  pid_t pid_;
  double seconds_to_ready_ = 0;
};

}  // namespace bindtrace::bench
