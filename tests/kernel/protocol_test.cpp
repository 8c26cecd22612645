// SPDX-License-Identifier: Apache-2.0
// The protocols beside TCP and UDP that can say that an address is in use.
#include <string>

#include "features.h"
#include "tier_test.h"

namespace bindtrace {
namespace {

class ProtocolTest : public SharedTracerTest {
 protected:
  struct Conflict {
    Held held;
    Record record;
  };

  Conflict expect_bind(const std::string& transport, const Request& request) {
    const Holder holder = hold(netns(), request);
    const Victim victim = fail_to_bind(netns(), request);

    const Record record = only_conflict_of(victim);

    expect_call(record, "bind", "syscall");
    expect_endpoint(record, transport, request.endpoint);
    expect_victim(record, victim, "bt-victim");
    return {holder.held, record};
  }

  void expect_bind_with_holder(const std::string& transport, const Request& request) {
    const Conflict conflict = expect_bind(transport, request);
    expect_holder(conflict.record, conflict.held, "bt-holder");
  }

  void expect_bind_with_searched_holder(const std::string& transport, const Request& request) {
    const Conflict conflict = expect_bind(transport, request);
    expect_searched_holder(conflict.record, conflict.held, "bt-holder");
  }
};

class Udplite : public ProtocolTest {};
class Mptcp : public ProtocolTest {};
class Sctp : public ProtocolTest {};

class Ping : public ProtocolTest {
 protected:
  Ping() { netns().set("ipv4/ping_group_range", "0 0"); }
};

TEST_P(Udplite, APortOnIpv4) {
  expect_bind_with_holder("udplite", {Transport::kUdplite, {"127.0.0.1", 1301}, {}});
}

TEST_P(Udplite, APortOnIpv6) {
  expect_bind_with_holder("udplite", {Transport::kUdplite, {"::1", 1302}, {}});
}

TEST_P(Ping, AnIdentifierOnIpv4) {
  expect_bind_with_searched_holder("icmp", {Transport::kIcmp, {"127.0.0.1", 1303}, {}});
}

TEST_P(Ping, AnIdentifierOnIpv6) {
  expect_bind_with_searched_holder("icmp", {Transport::kIcmp, {"::1", 1304}, {}});
}

TEST_P(Mptcp, APortOnIpv4) {
  expect_bind_with_holder("mptcp", {Transport::kMptcp, {"127.0.0.1", 1305}, {}});
}

TEST_P(Mptcp, APortOnIpv6) {
  expect_bind_with_holder("mptcp", {Transport::kMptcp, {"::1", 1306}, {}});
}

TEST_P(Mptcp, ListenAgainstAnotherListener) {
  const Endpoint endpoint{"127.0.0.1", 1307};
  const ListenConflict conflict = fail_to_listen(netns(), {Transport::kMptcp, endpoint, {}});

  const Record record = only_conflict_of(conflict.victim);

  expect_call(record, "listen", "syscall");
  expect_endpoint(record, "mptcp", endpoint);
  expect_victim(record, conflict.victim, "bt-victim");
  expect_holder(record, conflict.holder.held, "bt-holder");
}

TEST_P(Sctp, APortOnIpv4) {
  expect_bind_with_searched_holder("sctp", {Transport::kSctp, {"127.0.0.1", 1308}, {}});
}

TEST_P(Sctp, APortOnIpv6) {
  expect_bind_with_searched_holder("sctp", {Transport::kSctp, {"::1", 1309}, {}});
}

BINDTRACE_ON_EVERY_TIER_WITH("udplite", Udplite);
BINDTRACE_ON_EVERY_TIER(Ping);
BINDTRACE_ON_EVERY_TIER_WITH("mptcp", Mptcp);
BINDTRACE_ON_EVERY_TIER_WITH("sctp", Sctp);

}  // namespace
}  // namespace bindtrace
