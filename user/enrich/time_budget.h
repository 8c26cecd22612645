// SPDX-License-Identifier: Apache-2.0
// Time for work that may be left out: a part of the time that passes, saved up to a limit.
#pragma once

#include <cstdint>
#include <functional>

#include "base/clock.h"

namespace bindtrace {

class TimeBudget {
 public:
  // One part in `divisor`; full at first.
  TimeBudget(std::function<Instant()> clocks, std::uint64_t divisor, std::int64_t limit_ns);

  // Nothing of it is left. One piece of work may take more than what is: later ones pay for it.
  bool spent();
  // Does the work on the budget.
  template <typename Work>
  auto pay_for(const Work& work) {
    const Payment payment(*this);
    return work();
  }

 private:
  class Payment {
   public:
    explicit Payment(TimeBudget& budget) : budget_(budget), start_ns_(budget.now_ns()) {}
    Payment(const Payment&) = delete;
    Payment& operator=(const Payment&) = delete;
    ~Payment() { budget_.left_ns_ -= static_cast<std::int64_t>(budget_.now_ns() - start_ns_); }

   private:
    TimeBudget& budget_;
    std::uint64_t start_ns_;
  };

  [[nodiscard]] std::uint64_t now_ns() const { return clocks_().boottime_ns; }

  std::function<Instant()> clocks_;
  std::uint64_t divisor_;
  std::int64_t limit_ns_;
  std::int64_t left_ns_;  // below zero: overdrawn
  std::uint64_t counted_ns_;
};

}  // namespace bindtrace
