// SPDX-License-Identifier: Apache-2.0
// How a holder was told to stop.
#include "enrich/enricher.h"

#include <csignal>
#include <optional>

#include <gtest/gtest.h>

#include "core/stop.h"
#include "enrichment.h"
#include "wire_records.h"

namespace bindtrace {
namespace {

class EnrichedStop : public EnricherTest {
 protected:
  EnrichedStop() {
    failure_.owners = {owner(task(811), {6})};
    wire_.tgid = 811;
    wire_.start_boottime_ns = task(811).start_boottime_ns;
    wire_.ktime_ns = kFailureTime - 412'000'000;
    wire_.signal = SIGTERM;
    wire_.sender_tgid = 1;
    put(wire_.sender_comm, "systemd");
  }

  std::optional<StopSignal> stop() {
    holdings_.note(wire_);
    return enrich().holders.at(0).stop;
  }
  bt_stop wire_ = {};
};

TEST_F(EnrichedStop, IsTheSignalWithItsSenderAndTheTimeSince) {
  const auto told = stop();
  ASSERT_TRUE(told);
  EXPECT_EQ(signal_name(told->signal), "SIGTERM");
  EXPECT_EQ(told->ms_ago, 412);
  EXPECT_FALSE(told->ignored);
  ASSERT_TRUE(told->sender);
  EXPECT_EQ(told->sender->pid, 1U);
  EXPECT_EQ(told->sender->comm, "systemd");
}

TEST_F(EnrichedStop, FromTheKernelHasNoSender) {
  wire_.sender_tgid = 0;
  wire_.ignored = 1;
  const auto told = stop();
  ASSERT_TRUE(told);
  EXPECT_FALSE(told->sender);
  EXPECT_TRUE(told->ignored);
}

TEST_F(EnrichedStop, OfAnEarlierProcessWithThatPidIsAnothers) {
  wire_.start_boottime_ns -= 1;
  EXPECT_FALSE(stop());
}

TEST_F(EnrichedStop, AfterTheFailureHidesWhatWasBefore) {
  wire_.ktime_ns = kFailureTime + 1;
  EXPECT_FALSE(stop());
  EXPECT_FALSE(enrich().holders.at(0).stop_known);
}

TEST_F(EnrichedStop, IsKnownNotToHaveBeenSeenWhereItWouldBe) {
  EXPECT_FALSE(enrich().holders.at(0).stop);
  EXPECT_TRUE(enrich().holders.at(0).stop_known);
  Enricher::Options blind = options();
  blind.find_stop = {};
  EXPECT_FALSE(Enricher(blind).enrich(failure_).holders.at(0).stop_known);
  blind.find_stop = [](std::uint32_t) { return std::nullopt; };
  EXPECT_FALSE(Enricher(blind).enrich(failure_).holders.at(0).stop_known) << "another's has its place";
}

TEST_F(EnrichedStop, OfJavaIsNotTheOneThatShowsItsThreads) {
  failure_.owners[0].task.executable_name = {"java"};
  wire_.signal = SIGQUIT;
  EXPECT_FALSE(stop());
  EXPECT_FALSE(enrich().holders.at(0).stop_known);
  wire_.signal = SIGTERM;
  EXPECT_TRUE(stop());
}

TEST(StopRecord, ThatIsTooShortIsRefused) {
  const bt_stop wire{};
  const auto bytes = bytes_of(wire);
  EXPECT_TRUE(decode_stop(bytes));
  const auto cut = decode_stop(std::span(bytes).first(bytes.size() - 1));
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().kind, ErrorKind::kMalformed);
}

}  // namespace
}  // namespace bindtrace
