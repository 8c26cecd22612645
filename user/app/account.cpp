// SPDX-License-Identifier: Apache-2.0
#include "app/account.h"

#include <utility>

namespace bindtrace {
namespace {

constexpr std::chrono::seconds kLossInterval{1};

}  // namespace

void Account::add(Fate fate, std::uint64_t failures) {
  switch (fate) {
    case Fate::kEmitted:
      emitted_ += failures;
      break;
    case Fate::kBegun:
      begun_ += failures;
      break;
    case Fate::kSuppressed:
      suppressed_ += failures;
      break;
    case Fate::kLostOutput:
      lost_output_ += failures;
      break;
    case Fate::kForeign:
      foreign_ += failures;
      break;
  }
}

void Account::line_finished() {
  emitted_ += std::exchange(begun_, 0);
}

void Account::line_abandoned() {
  lost_output_ += std::exchange(begun_, 0);
}

std::optional<EventsLost> Account::new_loss(const bt_counters& kernel, Clock::time_point now, bool at_once) {
  EventsLost lost;
  lost.ring = kernel.lost_ring - told_.ring;
  lost.map = kernel.lost_map - told_.map;
  lost.suppressed = kernel.suppressed - told_.suppressed;
  const bool is_new = lost.ring + lost.map + lost.suppressed != 0;
  const bool too_soon = !at_once && told_at_ && now - *told_at_ < kLossInterval;
  if (!is_new || too_soon) {
    return std::nullopt;
  }
  told_ = {kernel.lost_ring, kernel.lost_map, kernel.suppressed};
  told_at_ = now;
  return lost;
}

Stats Account::stats(const bt_counters& kernel) const {
  return {.attempted = kernel.attempted - foreign_,
          .emitted = emitted_,
          .suppressed = suppressed_ + kernel.suppressed,
          .lost_ring = kernel.lost_ring,
          .lost_map = kernel.lost_map,
          .lost_output = lost_output_,
          .filtered = kernel.filtered};
}

}  // namespace bindtrace
