// SPDX-License-Identifier: Apache-2.0
// listen() meets the conflict that bind() let pass: both sockets have SO_REUSEADDR and only one may listen.
#include "tier_test.h"

namespace bindtrace {
namespace {

class Listen : public SharedTracerTest {
 protected:
  void expect_conflict(const Endpoint& endpoint) {
    const ListenConflict conflict = fail_to_listen(netns(), {Transport::kTcp, endpoint, {}});

    const Record record = only_conflict_of(conflict.victim);

    expect_call(record, "listen", "syscall");
    EXPECT_EQ(record.at("bindtrace.address_source"), "kernel") << record.text();
    EXPECT_EQ(record.at("bindtrace.socket.reuseaddr"), true) << record.text();
    expect_endpoint(record, "tcp", endpoint);
    expect_victim(record, conflict.victim, "bt-victim");
    expect_holder(record, conflict.holder.held, "bt-holder");
    EXPECT_EQ(record.holder().at("socket.state"), "LISTEN") << record.text();
  }
};

TEST_P(Listen, AgainstAnotherListenerOnIpv4NamesAddressAndHolder) {
  expect_conflict({"127.0.0.5", 3001});
}

TEST_P(Listen, AgainstAnotherListenerOnIpv6NamesAddressAndHolder) {
  expect_conflict({"::1", 3002});
}

TEST_P(Listen, AgainstAnotherListenerOnTheWildcardNamesAddressAndHolder) {
  expect_conflict({"0.0.0.0", 3003});
}

BINDTRACE_ON_EVERY_TIER(Listen);

}  // namespace
}  // namespace bindtrace
