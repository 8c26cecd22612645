// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"

#include <gtest/gtest.h>

namespace bindtrace {
namespace {

constexpr std::int64_t kMs = 1'000'000;
constexpr std::int64_t kSecondNs = 1000 * kMs;
constexpr std::int64_t kMinute = 60 * kSecondNs;
constexpr std::int64_t kHour = 60 * kMinute;

TEST(Clock, WallTimeKeepsAllNanoseconds) {
  EXPECT_EQ(rfc3339_utc(1'795'346'401'123'456'789), "2026-11-22T11:20:01.123456789Z");
}

TEST(Clock, TimesBeforeTheEpochKeepAPositiveFraction) {
  EXPECT_EQ(rfc3339_utc(-1), "1969-12-31T23:59:59.999999999Z");
}

TEST(Clock, AWrittenTimeIsReadBack) {
  for (const std::int64_t ns : {std::int64_t{1'795'346'401'123'456'789}, std::int64_t{0}, std::int64_t{-1}}) {
    EXPECT_EQ(unix_ns_of(rfc3339_utc(ns)), ns);
  }
}

TEST(Clock, WhatIsNoTimeIsNotReadAsOne) {
  for (const char* text :
       {"", "2026-11-22T11:20:01.123456789", "2026-13-22T11:20:01.123456789Z", "2026-11-22T11:20:0x.123456789Z",
        "9999-11-22T11:20:01.123456789Z", "2026-11-22T-1:20:01.123456789Z"}) {
    EXPECT_FALSE(unix_ns_of(text)) << text;
  }
}

TEST(Clock, BoottimeIsMovedByTheOffsetThatWasSeen) {
  const BootClock clock({5 * kSecondNs, 1'000 * kSecondNs});
  EXPECT_EQ(clock.unix_ns(7 * kSecondNs), 1'002 * kSecondNs);
  EXPECT_EQ(clock.unix_ns(1 * kSecondNs), 996 * kSecondNs);
}

TEST(Clock, LocalTimesAreOfTheLocalZone) {
  EXPECT_EQ(local_time_ms(1'795'346'401'123'456'789), "12:20:01.123");
  EXPECT_EQ(local_date_time(1'795'346'401'123'456'789), "2026-11-22 12:20:01");
}

TEST(Clock, ALocalDayEndsAtLocalMidnight) {
  const std::int64_t midnight = 1'795'302'000 * kSecondNs;  // 2026-11-21 23:00 UTC
  EXPECT_FALSE(same_local_day(midnight - 1, midnight));
  EXPECT_TRUE(same_local_day(midnight, midnight + 23 * kHour));
}

struct Spoken {
  std::int64_t ns;
  const char* words;
};

class Humanised : public testing::TestWithParam<Spoken> {};

TEST_P(Humanised, IsSaidAsAPersonSaysIt) {
  EXPECT_EQ(humanised(GetParam().ns), GetParam().words);
}

INSTANTIATE_TEST_SUITE_P(Lengths, Humanised,
                         testing::Values(Spoken{0, "0 ms"}, Spoken{412 * kMs, "412 ms"},
                                         Spoken{kSecondNs - 1, "999 ms"}, Spoken{1950 * kMs, "1.9 s"},
                                         Spoken{41 * kSecondNs, "41 s"}, Spoken{22 * kMinute, "22 min"},
                                         Spoken{2 * kHour, "2 h"}, Spoken{3 * kHour + 5 * kMinute, "3 h 5 min"},
                                         Spoken{48 * kHour, "2 d"}, Spoken{98 * kHour, "4 d 2 h"}));

}  // namespace
}  // namespace bindtrace
