// SPDX-License-Identifier: Apache-2.0
#include "app/pace.h"

#include <array>

namespace bindtrace {
namespace {

using std::chrono::milliseconds;

// After a look that found something, and after each empty one that follows it.
constexpr std::array kIntervals{milliseconds{2}, milliseconds{50}, milliseconds{1000}};

}  // namespace

void Pace::looked(Clock::time_point now, bool found, bool more) {
  if (more) {
    empty_looks_ = 0;
    next_ = now;
    return;
  }
  if (found) {
    empty_looks_ = 0;
  } else if (!next_ || now < *next_) {
    return;  // woken by something else than a record; what is planned stays
  } else {
    ++empty_looks_;
  }
  next_ = empty_looks_ < kIntervals.size() ? std::optional(now + kIntervals.at(empty_looks_)) : std::nullopt;
}

}  // namespace bindtrace
