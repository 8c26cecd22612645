// SPDX-License-Identifier: Apache-2.0
// When to look into the ring without having been woken. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

namespace bindtrace {

// The kernel side wakes us at most once a millisecond (bpf/ring.bpf.h): what it sends in the rest of that millisecond
// is found by looking again soon. A record of a CPU that stood still (an interrupt, a hypervisor) between deciding not
// to wake and sending comes later than that: two more looks are for it. Then there is nothing to look for, and no
// wake-up until the kernel side has one. It begins as after a record: that of the self-check has just woken somebody.
class Pace {
 public:
  using Clock = std::chrono::steady_clock;

  // After each look. `more`: it was broken off before it had seen all.
  void looked(Clock::time_point now, bool found, bool more);
  // Absent: not before we are woken.
  [[nodiscard]] std::optional<Clock::time_point> next() const { return next_; }

 private:
  std::size_t empty_looks_ = 0;  // in a row
  std::optional<Clock::time_point> next_ = Clock::time_point{};
};

}  // namespace bindtrace
