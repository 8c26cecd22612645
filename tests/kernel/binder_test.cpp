// SPDX-License-Identifier: Apache-2.0
// Who bound the socket, which need not be who has it: bindtrace.holders[].bound_by.
#include <cstdint>
#include <string>
#include <utility>

#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "local_sockets.h"
#include "tier_test.h"

namespace bindtrace {
namespace {

constexpr int kMinuteMs = 60'000;
constexpr char kClosed = 'c';

class BinderOf : public SharedTracerTest {
 protected:
  static void expect_bound_by(const Record& record, int pid, const std::string& comm, bool alive) {
    const Record holder = record.holder();
    EXPECT_EQ(holder.at("bound_by.pid"), pid) << record.text();
    EXPECT_EQ(holder.at("bound_by.comm"), comm) << record.text();
    EXPECT_EQ(holder.at("bound_by.alive"), alive) << record.text();
    ASSERT_TRUE(holder.at("bound_by.ms_ago").is_number_integer()) << record.text();
    EXPECT_GE(holder.at("bound_by.ms_ago").get<int>(), 0) << record.text();
    EXPECT_LT(holder.at("bound_by.ms_ago").get<int>(), kMinuteMs) << record.text();
  }
};

TEST_P(BinderOf, ATcpListenerIsItsHolder) {
  const Request request{Transport::kTcp, {"127.0.0.1", 5101}, {}};
  const Holder holder = hold(netns(), request);

  expect_bound_by(only_conflict_of(fail_to_bind(netns(), request)), holder.held.pid, "bt-holder", true);
}

TEST_P(BinderOf, AUdpSocketIsItsHolder) {
  const Request request{Transport::kUdp, {"::1", 5102}, {}};
  const Holder holder = hold(netns(), request);

  expect_bound_by(only_conflict_of(fail_to_bind(netns(), request)), holder.held.pid, "bt-holder", true);
}

TEST_P(BinderOf, AnAbstractNameIsItsHolder) {
  const Holder holder = hold(netns(), unix_name("bt-binder"));

  expect_bound_by(only_conflict_of(fail_to_bind(netns(), unix_name("bt-binder"))), holder.held.pid, "bt-holder", true);
}

TEST_P(BinderOf, AnInheritedSocketIsTheDeadParent) {
  const Request request{Transport::kTcp, {"127.0.0.1", 5103}, {}};
  const Heir heir = inherit(netns(), request);

  const Record record = only_conflict_of(fail_to_bind(netns(), request));

  EXPECT_EQ(record.holder().at("pid"), heir.held.pid) << record.text();
  expect_bound_by(record, heir.binder, "bt-parent", false);
  EXPECT_EQ(record.at("bindtrace.cause"), "inherited_socket") << record.text();
  EXPECT_EQ(record.at("bindtrace.certainty"), "certain") << record.text();
}

// As a service manager does that binds for a service: the binder lives, and has closed its own descriptor.
TEST_P(BinderOf, APassedSocketIsWhoPassedIt) {
  const Request request{Transport::kTcp, {"127.0.0.1", 5104}, {}};
  Child manager(netns(), "bt-manager", [&](const Line& line) {
    Fd socket = serve(request);
    if (fork() == 0) {
      must(prctl(PR_SET_NAME, "bt-service") == 0, "prctl");
      line.wait_for_release();
      line.tell(held_by_me(socket));
      line.wait_for_release();
      return;
    }
    socket.close();
    line.tell(kClosed);
    while (true) {
      pause();  // what comes over the line is for the service
    }
  });
  ASSERT_EQ(manager.hear<char>(), kClosed);
  manager.release();
  const Held held = manager.hear<Held>();

  const Record record = only_conflict_of(fail_to_bind(netns(), request));

  EXPECT_EQ(record.holder().at("pid"), held.pid) << record.text();
  expect_bound_by(record, manager.pid(), "bt-manager", true);
  EXPECT_NE(record.at("bindtrace.cause"), "inherited_socket") << record.text();
}

BINDTRACE_ON_EVERY_TIER(BinderOf);

class BinderBefore : public TierTest {};

TEST_P(BinderBefore, TheStartIsWhoHadTheSocketThen) {
  const Request request{Transport::kTcp, {"127.0.0.1", 5105}, {}};
  const Holder holder = hold(netns(), request);
  Tracer late(tier());

  const Record record = only_conflict_of(late, fail_to_bind(netns(), request));

  EXPECT_EQ(record.holder().at("bound_by.pid"), holder.held.pid) << record.text();
  EXPECT_TRUE(record.holder().at("bound_by.ms_ago").is_null()) << record.text();
}

TEST_P(BinderBefore, IsNotRecordedWhereTheUserDoesNotWantIt) {
  const Request request{Transport::kTcp, {"127.0.0.1", 5106}, {}};
  Tracer without(tier(), {"--no-bound-by"});
  const Holder holder = hold(netns(), request);

  const Record record = only_conflict_of(without, fail_to_bind(netns(), request));

  expect_holder(record, holder.held, "bt-holder");
  EXPECT_TRUE(record.holder().at("bound_by.pid").is_null()) << record.text();
}

BINDTRACE_ON_EVERY_TIER_UNLESS_SHORT(BinderBefore);

}  // namespace
}  // namespace bindtrace
