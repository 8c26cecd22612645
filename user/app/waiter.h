// SPDX-License-Identifier: Apache-2.0
// What the event loop waits for: records, a signal to end, a deadline.
#pragma once

#include <chrono>
#include <optional>

#include "base/result.h"
#include "base/unique_fd.h"

namespace bindtrace {

class Waiter {
 public:
  using Clock = std::chrono::steady_clock;

  // SIGINT and SIGTERM are blocked from here on and arrive through wait() only; SIGPIPE is ignored.
  static Result<Waiter> create();

  // Returns when records_fd is readable, a signal has come or `until` has passed; false: a signal came.
  Result<bool> wait(int records_fd, std::optional<Clock::time_point> until);

  // Readable while a signal waits or the grace period is over: what breaks off a blocked write.
  [[nodiscard]] int cancel_fd() const { return cancel_.get(); }
  // From here on writes that block have this long in all.
  void start_grace_period(std::chrono::milliseconds length);

 private:
  Waiter(UniqueFd signals, UniqueFd grace, UniqueFd cancel);

  UniqueFd signals_;
  UniqueFd grace_;
  UniqueFd cancel_;
};

}  // namespace bindtrace
