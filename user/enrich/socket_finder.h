// SPDX-License-Identifier: Apache-2.0
// The search of all descriptors, within its share of the time.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/clock.h"
#include "core/search.h"
#include "enrich/time_budget.h"

namespace bindtrace {

class SocketFinder {
 public:
  struct Options {
    SearchSockets search;
    std::function<Instant()> clocks;
    // What searches may take: this part of the time that passes, saved up to the limit.
    std::uint64_t divisor = 20;  // 5 % of one core
    std::int64_t limit_ns = 1'000'000'000;
  };

  explicit SocketFinder(Options options);

  // Who has one of them open now, for this failure. An error says why finding nobody does not mean that there is
  // nobody.
  Result<std::vector<Holding>> find(const SocketQuery& query, Transport transport, const Failure& failure);
  // How long after the failure the last search ended.
  [[nodiscard]] std::uint64_t ended_after_ns(const Failure& failure) const {
    return ended_boottime_ns_ - failure.head.key.ktime_ns;
  }

 private:
  SearchSockets search_;
  std::function<Instant()> clocks_;
  std::uint64_t ended_boottime_ns_ = 0;
  TimeBudget budget_;
};

}  // namespace bindtrace
