// SPDX-License-Identifier: Apache-2.0
#include "app/account.h"

#include <gtest/gtest.h>

namespace bindtrace {
namespace {

using std::chrono::milliseconds;

bt_counters counters(std::uint64_t attempted, std::uint64_t lost_ring, std::uint64_t lost_map,
                     std::uint64_t suppressed = 0) {
  bt_counters kernel{};
  kernel.suppressed = suppressed;
  kernel.attempted = attempted;
  kernel.lost_ring = lost_ring;
  kernel.lost_map = lost_map;
  return kernel;
}

std::uint64_t accounted(const Stats& stats) {
  return stats.emitted + stats.suppressed + stats.lost_ring + stats.lost_map + stats.lost_output;
}

TEST(Account, BalancesWhateverBecameOfTheFailures) {
  Account account;
  account.add(Fate::kEmitted, 5);
  account.add(Fate::kBegun);
  account.line_finished();
  account.add(Fate::kForeign, 2);
  account.add(Fate::kSuppressed, 7);
  account.add(Fate::kBegun);
  account.line_abandoned();
  account.add(Fate::kLostOutput, 11);
  const Stats stats = account.stats(counters(5 + 1 + 2 + 7 + 1 + 11 + 13 + 17 + 19, 13, 17, 19));
  EXPECT_EQ(stats.emitted, 6U);
  EXPECT_EQ(stats.suppressed, 7U + 19U);
  EXPECT_EQ(stats.lost_output, 12U);
  EXPECT_EQ(stats.lost_ring, 13U);
  EXPECT_EQ(stats.lost_map, 17U);
  EXPECT_EQ(stats.attempted, accounted(stats));
}

TEST(Account, SaysWhatTheFiltersLeftOutBesideTheBalance) {
  bt_counters kernel = counters(1, 0, 0);
  kernel.filtered = 5;
  Account account;
  account.add(Fate::kEmitted);
  const Stats stats = account.stats(kernel);
  EXPECT_EQ(stats.filtered, 5U);
  EXPECT_EQ(stats.attempted, accounted(stats));
}

TEST(Account, HasNoPlaceForTheSelfCheckOfAnotherBindtrace) {
  Account account;
  account.add(Fate::kForeign);
  const Stats stats = account.stats(counters(1, 0, 0));
  EXPECT_EQ(stats.attempted, 0U);
  EXPECT_EQ(accounted(stats), 0U);
}

TEST(Account, ALineIsFinishedOrAbandonedOnce) {
  Account account;
  account.add(Fate::kBegun);
  EXPECT_EQ(accounted(account.stats({})), 0U);
  account.line_finished();
  account.line_finished();
  account.line_abandoned();
  EXPECT_EQ(account.stats({}).emitted, 1U);
  EXPECT_EQ(account.stats({}).lost_output, 0U);
}

TEST(Loss, IsToldSinceTheLastTime) {
  Account account;
  const Account::Clock::time_point start{};
  EXPECT_FALSE(account.new_loss(counters(9, 0, 0), start, false));
  const auto first = account.new_loss(counters(9, 2, 0), start, false);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->ring, 2U);
  EXPECT_EQ(first->map, 0U);
  const auto second = account.new_loss(counters(9, 3, 4), start + milliseconds(1000), false);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->ring, 1U);
  EXPECT_EQ(second->map, 4U);
  EXPECT_FALSE(account.new_loss(counters(9, 3, 4), start + milliseconds(9000), false));
}

TEST(Loss, TellsOfWhatWasSuppressedToo) {
  Account account;
  const Account::Clock::time_point start{};
  const auto first = account.new_loss(counters(9, 0, 0, 5), start, false);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->suppressed, 5U);
  EXPECT_EQ(first->ring, 0U);
  EXPECT_FALSE(account.new_loss(counters(9, 0, 0, 5), start + milliseconds(1000), false));
}

TEST(Loss, IsToldOnceASecondAndAtTheEndAtOnce) {
  Account account;
  const Account::Clock::time_point start{};
  ASSERT_TRUE(account.new_loss(counters(9, 1, 0), start, false));
  EXPECT_FALSE(account.new_loss(counters(9, 2, 0), start + milliseconds(999), false));
  const auto last = account.new_loss(counters(9, 3, 0), start + milliseconds(999), true);
  ASSERT_TRUE(last);
  EXPECT_EQ(last->ring, 2U);
}

}  // namespace
}  // namespace bindtrace
