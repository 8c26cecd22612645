// SPDX-License-Identifier: Apache-2.0
// What became of each failure that the kernel side counted. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "core/event.h"
#include "wire.h"

namespace bindtrace {

// Each failure that reaches user space has one.
enum class Fate {
  kEmitted,
  kBegun,  // its line is out in part: emitted or lost, once it is known whether the rest could follow
  kSuppressed,
  kLostOutput,
  kForeign,  // the self-check of another bindtrace, nobody's failure: it counts nowhere, as our own does
};

class Account {
 public:
  using Clock = std::chrono::steady_clock;

  void add(Fate fate, std::uint64_t failures = 1);
  void line_finished();
  void line_abandoned();

  // What the kernel side has lost or suppressed since the last answer, without time and origin; an answer comes at most
  // once a second, unless `at_once`.
  std::optional<EventsLost> new_loss(const bt_counters& kernel, Clock::time_point now, bool at_once);

  // attempted == emitted + suppressed + the sum of lost_*, once the counters are final, nothing is left to read and no
  // line is begun.
  [[nodiscard]] Stats stats(const bt_counters& kernel) const;

 private:
  std::uint64_t emitted_ = 0;
  std::uint64_t begun_ = 0;
  std::uint64_t suppressed_ = 0;
  std::uint64_t lost_output_ = 0;
  std::uint64_t foreign_ = 0;
  struct Told {
    std::uint64_t ring = 0;
    std::uint64_t map = 0;
    std::uint64_t suppressed = 0;
  };
  Told told_;
  std::optional<Clock::time_point> told_at_;
};

}  // namespace bindtrace
