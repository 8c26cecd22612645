// SPDX-License-Identifier: Apache-2.0
#include "core/assembler.h"

#include <limits>

#include <gtest/gtest.h>

namespace bindtrace {
namespace {

constexpr std::uint64_t kMs = 1'000'000;

Head head(std::uint64_t ktime_ns) {
  return {{ktime_ns, 5}, 0};
}

Failure failure(std::uint64_t ktime_ns, bool scan_follows = true) {
  Failure failure;
  failure.head = head(ktime_ns);
  failure.scan_follows = scan_follows;
  return failure;
}

Scan scan(std::uint64_t ktime_ns, std::uint32_t owners_sent) {
  Scan scan;
  scan.head = head(ktime_ns);
  scan.status = ScanStatus::kComplete;
  scan.owners_sent = owners_sent;
  return scan;
}

Owner owner(std::uint64_t ktime_ns, std::uint32_t pid) {
  Owner owner;
  owner.head = head(ktime_ns);
  owner.task.pid = pid;
  return owner;
}

TEST(Assembler, AFailureWithoutAScanIsReadyAtOnce) {
  Assembler assembler;
  assembler.add(failure(1, false));
  const auto ready = assembler.take_ready();
  ASSERT_EQ(ready.size(), 1U);
  EXPECT_EQ(ready[0].scan.status, ScanStatus::kNotAsked);
}

TEST(Assembler, AFailureWaitsForItsScan) {
  Assembler assembler;
  assembler.add(failure(1));
  EXPECT_TRUE(assembler.take_ready().empty());
  assembler.add(scan(1, 0));
  const auto ready = assembler.take_ready();
  ASSERT_EQ(ready.size(), 1U);
  EXPECT_EQ(ready[0].scan.status, ScanStatus::kComplete);
  EXPECT_EQ(assembler.pending(), 0U);
}

TEST(Assembler, OwnersMayComeBeforeTheScan) {
  Assembler assembler;
  assembler.add(failure(1));
  assembler.add(owner(1, 811));
  assembler.add(owner(1, 812));
  assembler.add(scan(1, 2));
  ASSERT_EQ(assembler.take_ready().at(0).owners.size(), 2U);
}

TEST(Assembler, OwnersMayComeAfterTheScan) {
  Assembler assembler;
  assembler.add(failure(1));
  assembler.add(scan(1, 2));
  assembler.add(owner(1, 811));
  EXPECT_TRUE(assembler.take_ready().empty());
  assembler.add(owner(1, 812));
  EXPECT_EQ(assembler.take_ready().size(), 1U);
}

TEST(Assembler, RecordsOfSeveralFailuresMayMix) {
  Assembler assembler;
  assembler.add(failure(1));
  assembler.add(failure(2));
  assembler.add(owner(2, 22));
  assembler.add(owner(1, 11));
  assembler.add(scan(2, 1));
  assembler.add(scan(1, 1));
  const auto ready = assembler.take_ready();
  ASSERT_EQ(ready.size(), 2U);
  EXPECT_EQ(ready[0].owners.at(0).task.pid, 22U);
  EXPECT_EQ(ready[1].owners.at(0).task.pid, 11U);
}

TEST(Assembler, ReadyFailuresAreTakenOnce) {
  Assembler assembler;
  assembler.add(failure(1, false));
  EXPECT_EQ(assembler.take_ready().size(), 1U);
  EXPECT_TRUE(assembler.take_ready().empty());
}

TEST(Assembler, AScanThatDoesNotComeIsMissedAfterFiftyMilliseconds) {
  Assembler assembler;
  assembler.add(failure(1));
  assembler.expire(1000 * kMs);
  EXPECT_EQ(assembler.next_expiry_ns(), 1050 * kMs);
  assembler.expire(1050 * kMs - 1);
  EXPECT_TRUE(assembler.take_ready().empty());
  assembler.expire(1050 * kMs);
  const auto ready = assembler.take_ready();
  ASSERT_EQ(ready.size(), 1U);
  EXPECT_EQ(ready[0].scan.status, ScanStatus::kMissed);
}

TEST(Assembler, ALateReaderLosesNothing) {
  Assembler assembler;
  assembler.add(failure(1));
  assembler.expire(3600'000 * kMs);  // the record waited an hour in the ring: its scan may be next
  EXPECT_TRUE(assembler.take_ready().empty());
  assembler.add(scan(1, 0));
  EXPECT_EQ(assembler.take_ready().at(0).scan.status, ScanStatus::kComplete);
}

TEST(Assembler, OwnersAreKeptWhenOnlyTheScanIsMissed) {
  Assembler assembler;
  assembler.add(failure(1));
  assembler.add(owner(1, 811));
  assembler.expire(std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(assembler.take_ready().at(0).owners.size(), 1U);
}

TEST(Assembler, TheLargestTimeReleasesAll) {
  Assembler assembler;
  assembler.add(failure(1));
  assembler.add(failure(2));
  assembler.expire(std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(assembler.take_ready().size(), 2U);
  EXPECT_FALSE(assembler.next_expiry_ns());
}

TEST(Assembler, RecordsWithoutAFailureAreDroppedAndCounted) {
  Assembler assembler;
  assembler.add(owner(1, 811));
  assembler.add(scan(1, 0));
  EXPECT_EQ(assembler.orphans(), 2U);
  EXPECT_TRUE(assembler.take_ready().empty());
}

TEST(Assembler, MoreFailuresThanItHoldsReleaseTheOldest) {
  Assembler assembler(Assembler::Limits{50 * kMs, 2, 64});
  assembler.add(failure(1));
  assembler.add(failure(2));
  assembler.add(failure(3));
  const auto ready = assembler.take_ready();
  ASSERT_EQ(ready.size(), 1U);
  EXPECT_EQ(ready[0].head.key.ktime_ns, 1U);
  EXPECT_EQ(assembler.pending(), 2U);
}

TEST(Assembler, MoreOwnersThanItHoldsAreDroppedAndCountedAndWaitedForNoLonger) {
  Assembler assembler(Assembler::Limits{50 * kMs, 8, 2});
  assembler.add(failure(1));
  assembler.add(owner(1, 1));
  assembler.add(owner(1, 2));
  assembler.add(owner(1, 3));
  assembler.add(scan(1, 3));
  EXPECT_EQ(assembler.take_ready().at(0).owners.size(), 2U);
  EXPECT_EQ(assembler.orphans(), 1U);
}

TEST(Assembler, TheSameFailureTwiceIsTwoFailures) {
  Assembler assembler;
  assembler.add(failure(1));
  assembler.add(failure(1));
  assembler.add(scan(1, 0));
  EXPECT_EQ(assembler.take_ready().size(), 2U);
  EXPECT_EQ(assembler.pending(), 0U);
}

}  // namespace
}  // namespace bindtrace
