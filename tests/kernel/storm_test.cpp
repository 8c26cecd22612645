// SPDX-License-Identifier: Apache-2.0
// More failures than can be shown: each is shown or counted, and the numbers add up exactly.
#include <cerrno>
#include <csignal>

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

BINDTRACE_ON_EVERY_TIER(Storm);

}  // namespace
}  // namespace bindtrace
