// SPDX-License-Identifier: Apache-2.0
// A bindtrace that runs while this object lives.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "child.h"

namespace bindtrace::bench {

class TracerProcess {
 public:
  // Returns when it is attached; it writes JSON Lines to the file `output`. Throws std::runtime_error if it does not
  // start.
  TracerProcess(const std::string& program, const std::vector<std::string>& options, int output);
  // Its output is thrown away.
  TracerProcess(const std::string& program, const std::vector<std::string>& options);

  [[nodiscard]] double seconds_to_ready() const { return seconds_to_ready_; }
  // Returns when it has written its last record.
  void stop() { child_->stop(); }

 private:
  std::optional<Child> child_;
  double seconds_to_ready_ = 0;
};

}  // namespace bindtrace::bench
