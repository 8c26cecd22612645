// SPDX-License-Identifier: Apache-2.0
// For what is said again and again while trouble lasts: at most once a minute.
#pragma once

#include <chrono>
#include <optional>

namespace bindtrace {

class OnceAMinute {
 public:
  using Clock = std::chrono::steady_clock;

  // Whether to say it now, which then counts as said.
  bool due(Clock::time_point now = Clock::now()) {
    if (said_ && now - *said_ < std::chrono::minutes(1)) {
      return false;
    }
    said_ = now;
    return true;
  }

 private:
  std::optional<Clock::time_point> said_;
};

}  // namespace bindtrace
