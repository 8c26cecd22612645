// SPDX-License-Identifier: Apache-2.0
// listen() meets the conflict that bind() let pass: both sockets have SO_REUSEADDR and only one may listen.
#include <cerrno>
#include <utility>

#include "tier_test.h"

namespace bindtrace {
namespace {

class Listen : public SharedTracerTest {
 protected:
  void expect_conflict(const Endpoint& endpoint) {
    const Request request{Transport::kTcp, endpoint, {.reuseaddr = true}};
    Child first(netns(), "bt-holder", [&](const Line& line) {
      const Fd socket = make_socket(request);
      bind_socket(socket.get(), endpoint);
      line.tell(held_by_me(socket));
      line.wait_for_release();
      listen_on(socket.get());
      line.tell(held_by_me(socket));
      line.wait_for_release();
    });
    first.hear<Held>();
    Child second(netns(), "bt-victim", [&](const Line& line) {
      const Fd socket = make_socket(request);
      bind_socket(socket.get(), endpoint);
      line.tell(held_by_me(socket));
      line.wait_for_release();
      line.tell(listen_and_tell(socket));
      line.wait_for_release();
    });
    second.hear<Held>();
    first.release();
    const Held held = first.hear<Held>();
    second.release();
    const Tried tried = second.hear<Tried>();
    ASSERT_EQ(tried.error, EADDRINUSE);
    const Victim victim{std::move(second), tried};

    const Record record = only_conflict_of(victim);

    EXPECT_EQ(record.at("bindtrace.operation"), "listen") << record.text();
    EXPECT_EQ(record.at("bindtrace.address_source"), "kernel") << record.text();
    EXPECT_EQ(record.at("bindtrace.socket.reuseaddr"), true) << record.text();
    expect_endpoint(record, "tcp", endpoint);
    expect_victim(record, victim, "bt-victim");
    expect_holder(record, held, "bt-holder");
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
