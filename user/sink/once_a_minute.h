// SPDX-License-Identifier: Apache-2.0
// Says of one kind of trouble whether it may be told again: it lasts, and a log is not to be flooded.
#pragma once

#include <chrono>
#include <optional>

namespace bindtrace {

class OnceAMinute {
 public:
  using Clock = std::chrono::steady_clock;

  bool may_tell(Clock::time_point now) {
    if (last_ && now - *last_ < std::chrono::minutes(1)) {
      return false;
    }
    last_ = now;
    return true;
  }

 private:
  std::optional<Clock::time_point> last_;
};

}  // namespace bindtrace
