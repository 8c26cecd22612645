// SPDX-License-Identifier: Apache-2.0
#include "sink/outbox.h"

#include <thread>

#include <gtest/gtest.h>

namespace bindtrace {
namespace {

using std::chrono::milliseconds;
using Batch = std::vector<std::string>;

constexpr milliseconds kNever = std::chrono::hours(1);

OutboxLimits limits(std::size_t records, std::size_t batch) {
  return {.records = records, .batch_records = batch, .batch_age = kNever};
}

void put_all(Outbox& outbox, int count) {
  for (int i = 0; i < count; ++i) {
    outbox.put(std::to_string(i));
  }
}

Outbox::Clock::time_point now() {
  return Outbox::Clock::now();
}

TEST(Outbox, GivesBatchesInTheOrderOfTheRecords) {
  Outbox outbox(limits(10, 2), kNever);
  put_all(outbox, 5);
  EXPECT_EQ(outbox.next_batch(), (Batch{"0", "1"}));
  outbox.settle(2, 0);
  EXPECT_EQ(outbox.next_batch(), (Batch{"2", "3"}));
}

TEST(Outbox, LosesTheNewestWhereItIsFull) {
  Outbox outbox(limits(3, 3), kNever);
  put_all(outbox, 5);
  EXPECT_TRUE(outbox.refuse_if_full());
  EXPECT_EQ(outbox.next_batch(), (Batch{"0", "1", "2"}));
  EXPECT_EQ(outbox.counts().lost, 3U);
}

TEST(Outbox, KeepsTheRoomOfABatchUntilItIsSettled) {
  Outbox outbox(limits(3, 3), kNever);
  put_all(outbox, 3);
  (void)outbox.next_batch();
  EXPECT_TRUE(outbox.refuse_if_full());
  outbox.settle(3, 0);
  EXPECT_FALSE(outbox.refuse_if_full());
}

TEST(Outbox, IsBoundedInBytesToo) {
  Outbox outbox({.records = 10, .bytes = 100, .batch_records = 1, .batch_age = kNever}, kNever);
  EXPECT_TRUE(outbox.put(std::string(60, 'a')));
  EXPECT_FALSE(outbox.put(std::string(60, 'b')));
  EXPECT_TRUE(outbox.put(std::string(40, 'c')));
  EXPECT_TRUE(outbox.refuse_if_full());
  (void)outbox.next_batch();
  outbox.settle(1, 0);
  EXPECT_TRUE(outbox.put(std::string(60, 'd')));
}

TEST(Outbox, ABatchIsBoundedInBytesButHasARecord) {
  Outbox outbox({.batch_records = 3, .batch_bytes = 10, .batch_age = kNever}, kNever);
  outbox.put(std::string(20, 'a'));
  outbox.put(std::string(8, 'b'));
  outbox.put(std::string(8, 'c'));
  EXPECT_EQ(outbox.next_batch().size(), 1U);
  outbox.settle(1, 0);
  outbox.end(now() + kNever);
  EXPECT_EQ(outbox.next_batch(), Batch{std::string(8, 'b')});
}

TEST(Outbox, SendsAfterAWhileWhatFillsNoBatch) {
  Outbox outbox({.batch_age = milliseconds(1)}, milliseconds(1));
  outbox.put("a");
  EXPECT_EQ(outbox.next_batch(), Batch{"a"});
}

TEST(Outbox, EveryRecordIsWrittenLostOrWaits) {
  Outbox outbox(limits(8, 4), kNever);
  put_all(outbox, 10);
  (void)outbox.next_batch();
  outbox.settle(3, 1);
  (void)outbox.next_batch();
  const OutboxCounts counts = outbox.counts();
  EXPECT_EQ(counts.written, 3U);
  EXPECT_EQ(counts.lost, 3U);
  EXPECT_EQ(counts.waiting, 4U);
}

TEST(Outbox, TheEndSendsAllAtOnceAndThenSaysSo) {
  Outbox outbox(limits(10, 2), kNever);
  put_all(outbox, 3);
  outbox.end(now() + kNever);
  EXPECT_EQ(outbox.next_batch().size(), 2U);
  outbox.settle(2, 0);
  EXPECT_EQ(outbox.next_batch().size(), 1U);
  outbox.settle(1, 0);
  EXPECT_TRUE(outbox.next_batch().empty());
  EXPECT_EQ(outbox.counts().lost, 0U);
}

TEST(Outbox, WhatHasNotGoneByTheDeadlineIsLost) {
  Outbox outbox(limits(10, 2), kNever);
  put_all(outbox, 3);
  outbox.end(now());
  EXPECT_TRUE(outbox.next_batch().empty());
  EXPECT_EQ(outbox.counts().lost, 3U);
  EXPECT_EQ(outbox.counts().waiting, 0U);
}

TEST(Outbox, TheEndWakesTheThreadThatWaits) {
  Outbox outbox(limits(10, 2), kNever);
  std::thread sender([&outbox] { EXPECT_TRUE(outbox.next_batch().empty()); });
  outbox.end(now());
  sender.join();
}

TEST(OutboxPause, LastsAsLongAsItShould) {
  Outbox outbox(limits(10, 2), kNever);
  const auto begin = now();
  EXPECT_TRUE(outbox.pause(milliseconds(20), false));
  EXPECT_GE(now() - begin, milliseconds(20));
}

TEST(OutboxPause, IsCutShortByTheEndForOneLastTry) {
  Outbox outbox(limits(10, 2), kNever);
  std::thread sender([&outbox] {
    EXPECT_TRUE(outbox.pause(kNever, false));
    EXPECT_FALSE(outbox.pause(kNever, false)) << "that was the last try";
  });
  outbox.end(now() + std::chrono::minutes(1));
  sender.join();
}

TEST(OutboxPause, ThatTheServerAskedForIsNotCutShort) {
  Outbox outbox(limits(10, 2), kNever);
  outbox.end(now() + std::chrono::minutes(1));
  EXPECT_FALSE(outbox.pause(kNever, true));
  EXPECT_TRUE(outbox.pause(milliseconds(1), true)) << "it fits";
}

}  // namespace
}  // namespace bindtrace
