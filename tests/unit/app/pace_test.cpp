// SPDX-License-Identifier: Apache-2.0
#include "app/pace.h"

#include <gtest/gtest.h>

namespace bindtrace {
namespace {

using std::chrono::milliseconds;

constexpr Pace::Clock::time_point kStart{};

TEST(Pace, BeginsAsAfterARecordForTheSelfCheckWokeSomebodyAMomentAgo) {
  Pace pace;
  ASSERT_TRUE(pace.next());
  pace.looked(kStart, false, false);
  ASSERT_TRUE(pace.next());
  EXPECT_GT(*pace.next(), kStart);
  while (pace.next()) {
    pace.looked(*pace.next(), false, false);
  }
}

TEST(Pace, LooksAgainSoonAfterARecord) {
  Pace pace;
  pace.looked(kStart, true, false);
  ASSERT_TRUE(pace.next());
  EXPECT_GE(*pace.next() - kStart, milliseconds(1)) << "the kernel side may be silent for a millisecond";
  EXPECT_LE(*pace.next() - kStart, milliseconds(5));
}

TEST(Pace, LooksRarerAndRarerAndThenNoMore) {
  Pace pace;
  pace.looked(kStart, true, false);
  Pace::Clock::time_point last = kStart;
  Pace::Clock::duration wait{};
  int looks = 0;
  while (pace.next()) {
    ASSERT_LT(++looks, 10);
    EXPECT_GT(*pace.next() - last, wait);
    wait = *pace.next() - last;
    last = *pace.next();
    pace.looked(last, false, false);
  }
  EXPECT_EQ(looks, 3);
}

TEST(Pace, ALookBeforeItsTimeDoesNotStandForTheOneThatIsDue) {
  Pace pace;
  pace.looked(kStart, true, false);
  const auto due = pace.next();
  pace.looked(kStart + milliseconds(1), false, false);
  EXPECT_EQ(pace.next(), due);
}

TEST(Pace, LooksAtOnceWhereALookWasBrokenOff) {
  Pace pace;
  pace.looked(kStart, true, true);
  EXPECT_EQ(pace.next(), kStart);
}

TEST(Pace, BeginsAnewWithEachRecord) {
  Pace pace;
  pace.looked(kStart, true, false);
  const auto soon = *pace.next() - kStart;
  pace.looked(*pace.next(), false, false);
  const auto later = *pace.next();
  pace.looked(later, true, false);
  EXPECT_EQ(*pace.next() - later, soon);
}

}  // namespace
}  // namespace bindtrace
