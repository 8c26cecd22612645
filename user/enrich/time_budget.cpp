// SPDX-License-Identifier: Apache-2.0
#include "enrich/time_budget.h"

#include <algorithm>
#include <utility>

namespace bindtrace {

TimeBudget::TimeBudget(std::function<Instant()> clocks, std::uint64_t divisor, std::int64_t limit_ns)
    : clocks_(std::move(clocks)), divisor_(divisor), limit_ns_(limit_ns), left_ns_(limit_ns), counted_ns_(now_ns()) {}

bool TimeBudget::spent() {
  const std::uint64_t now = now_ns();
  left_ns_ = std::min(left_ns_ + static_cast<std::int64_t>((now - counted_ns_) / divisor_), limit_ns_);
  counted_ns_ = now;
  return left_ns_ <= 0;
}

}  // namespace bindtrace
