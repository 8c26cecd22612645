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
  const bool is_new = kernel.lost_ring != told_ring_ || kernel.lost_map != told_map_;
  const bool too_soon = !at_once && told_at_ && now - *told_at_ < kLossInterval;
  if (!is_new || too_soon) {
    return std::nullopt;
  }
  EventsLost lost;
  lost.ring = kernel.lost_ring - std::exchange(told_ring_, kernel.lost_ring);
  lost.map = kernel.lost_map - std::exchange(told_map_, kernel.lost_map);
  told_at_ = now;
  return lost;
}

Stats Account::stats(const bt_counters& kernel) const {
  return {.attempted = kernel.attempted - foreign_,
          .emitted = emitted_,
          .suppressed = suppressed_,
          .lost_ring = kernel.lost_ring,
          .lost_map = kernel.lost_map,
          .lost_output = lost_output_};
}

}  // namespace bindtrace
