// SPDX-License-Identifier: Apache-2.0
// More failures than can be shown: each is shown or counted, and the numbers add up exactly.
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <future>
#include <string>
#include <thread>

#include "tier_test.h"

namespace bindtrace {
namespace {

struct Count {
  int tried;
  int failed;
};

class Storm : public TierTest {};

TEST_P(Storm, EveryFailureIsShownOrCounted) {
  stop_shared_tracers();
  Tracer own(tier());
  const Request request{Transport::kTcp, {"127.0.0.1", 11001}, {}};
  const Holder holder = hold(netns(), request);
  Child stormer(netns(), "bt-storm", [&](const Line& line) {
    const Fd socket = make_socket(request);
    Count count{storm_size(), 0};
    for (int i = 0; i < count.tried; i++) {
      count.failed += try_bind(socket.get(), request.endpoint) == EADDRINUSE ? 1 : 0;
    }
    line.tell(count);
    line.wait_for_release();
  });
  const Count count = stormer.hear<Count>();
  ASSERT_EQ(count.failed, count.tried);

  const Ended ended = own.stop(SIGINT);

  EXPECT_EQ(ended.status, 0) << ended.err;
  const Record& last = own.last_record();
  const auto accounts = accounts_of(last);
  ASSERT_TRUE(accounts.has_value()) << last.text();
  EXPECT_EQ(accounts->attempted, accounts->emitted + accounts->suppressed + accounts->lost) << last.text();
  const auto shown = static_cast<int64_t>(own.conflicts_of(stormer.pid()).size());
  RecordProperty("shown", static_cast<int>(shown));
  EXPECT_GT(shown, 0) << last.text();
  EXPECT_LE(shown, count.failed) << last.text();
  // Other processes of the machine may be among the lost ones.
  EXPECT_GE(shown + accounts->suppressed + accounts->lost, count.failed) << last.text();
  EXPECT_GE(accounts->attempted, count.failed) << last.text();
  for (const Record& record : own.conflicts_of(stormer.pid())) {
    ASSERT_EQ(record.at("network.local.port"), request.endpoint.port) << record.text();
    const nlohmann::json pid = record.holder().at("pid");
    ASSERT_TRUE(pid.is_null() || pid == holder.held.pid) << record.text();
  }
}

// The account against the storm's own: not one more, not one less.
TEST_P(Storm, TwoThreadsBeforeASlowReaderAreCountedExactly) {
  constexpr std::chrono::milliseconds kPerLine{1};
  stop_shared_tracers();
  Tracer own(tier(), {"--netns", std::to_string(netns().inode()), "--ring-size", "64K"});
  own.read_slowly(kPerLine);
  const Request request{Transport::kUdp, {"127.0.0.1", 11002}, {}};
  const Holder holder = hold(netns(), request);
  Child stormer(netns(), "bt-storm", [&](const Line& line) {
    std::atomic<int> failed{0};
    const auto storm = [&] {
      const Fd socket = make_socket(request);
      for (int i = 0; i < storm_size() / 2; i++) {
        failed += try_bind(socket.get(), request.endpoint) == EADDRINUSE ? 1 : 0;
      }
    };
    std::thread one(storm);
    std::thread other(storm);
    one.join();
    other.join();
    line.tell(failed.load());
    line.wait_for_release();
  });
  std::future<int> counted = std::async(std::launch::async, [&] { return stormer.hear<int>(); });
  while (counted.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
    own.read_for(std::chrono::milliseconds(20));
  }
  const int failed = counted.get();

  const Ended ended = own.stop(SIGINT);

  EXPECT_EQ(ended.status, 0) << ended.err;
  const Record& last = own.last_record();
  const auto accounts = accounts_of(last);
  ASSERT_TRUE(accounts.has_value()) << last.text();
  EXPECT_EQ(failed, storm_size() / 2 * 2);
  EXPECT_EQ(accounts->attempted, accounts->emitted + accounts->suppressed + accounts->lost) << last.text();
  EXPECT_EQ(accounts->emitted, static_cast<int64_t>(own.conflicts_of(stormer.pid()).size())) << last.text();
  if (tier() == "kprobe" || !kernel_preempts_programs()) {
    EXPECT_EQ(accounts->attempted, failed) << last.text();
  } else {
    EXPECT_GE(accounts->attempted + last.at("bindtrace.missed").get<int64_t>(), failed) << last.text();
    EXPECT_LE(accounts->attempted, failed) << last.text();
  }
}

BINDTRACE_ON_EVERY_TIER_UNLESS_SHORT(Storm);

}  // namespace
}  // namespace bindtrace
