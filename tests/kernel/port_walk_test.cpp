// SPDX-License-Identifier: Apache-2.0
// The walk on demand, against sockets in a network namespace that is not the caller's, asked of the kernel side
// itself; who_test.cpp has the command that uses it.
#include <cstring>
#include <optional>
#include <vector>

#include <arpa/inet.h>
#include <linux/bpf.h>
#include <netinet/in.h>

#include <gtest/gtest.h>

#include "probe/port_walk.h"
#include "scenario.h"
#include "wire.h"

namespace bindtrace {
namespace {

class PortWalkTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto loaded = PortWalk::load();
    ASSERT_TRUE(loaded) << loaded.error().message;
    shared.emplace(*std::move(loaded));
  }
  static void TearDownTestSuite() { shared.reset(); }

  // 0.0.0.0 on that port, in the test's namespace.
  [[nodiscard]] bt_query query_for(int protocol, uint16_t port) const {
    bt_query query{};
    query.kind = BT_QUERY_ADDRESS;
    query.request.family = AF_INET;
    query.request.protocol = static_cast<uint16_t>(protocol);
    query.request.port = port;
    query.request.netns = static_cast<uint32_t>(netns_.inode());
    return query;
  }
  static Result<bt_failure> walk(const bt_query& query) {
    const auto bytes = shared->walk(std::as_bytes(std::span(&query, 1)));
    if (!bytes) {
      return tl::unexpected(bytes.error());
    }
    bt_failure answer{};
    EXPECT_EQ(bytes->size(), sizeof answer);
    std::memcpy(&answer, bytes->data(), sizeof answer);
    return answer;
  }
  // The only socket there is must be that one.
  static void expect_only(const Result<bt_failure>& answer, const Held& held, int state) {
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_TRUE(answer->flags & BT_FAIL_WALKED);
    ASSERT_EQ(answer->sockets, 1U);
    EXPECT_EQ(answer->holders[0].inode, held.inode);
    EXPECT_EQ(answer->holders[0].state, state);
    EXPECT_TRUE(answer->holders[0].flags & BT_SOCK_OVERLAPS);
  }

  [[nodiscard]] const Netns& netns() const { return netns_; }

 private:
  Netns netns_;
  static std::optional<PortWalk> shared;  // a load is dear
};

std::optional<PortWalk> PortWalkTest::shared;

TEST_F(PortWalkTest, SeesAListenerOfAnotherNamespace) {
  const Holder holder = hold(netns(), {Transport::kTcp, {"127.0.0.1", 5001}, {}});
  expect_only(walk(query_for(IPPROTO_TCP, 5001)), holder.held, 10);
}

TEST_F(PortWalkTest, SeesAnIpv6Listener) {
  const Holder holder = hold(netns(), {Transport::kTcp, {"::", 5002}, {}});
  expect_only(walk(query_for(IPPROTO_TCP, 5002)), holder.held, 10);
}

TEST_F(PortWalkTest, SeesASocketThatIsOnlyBound) {
  Child bound(netns(), "bt-holder", [](const Line& line) {
    const Fd socket = make_socket({Transport::kTcp, {"127.0.0.1", 5003}, {}});
    bind_socket(socket.get(), {"127.0.0.1", 5003});
    line.tell(held_by_me(socket));
    line.wait_for_release();
  });
  const auto held = bound.hear<Held>();
  expect_only(walk(query_for(IPPROTO_TCP, 5003)), held, 7);
}

TEST_F(PortWalkTest, SeesAUdpSocket) {
  const Holder holder = hold(netns(), {Transport::kUdp, {"127.0.0.1", 5004}, {}});
  expect_only(walk(query_for(IPPROTO_UDP, 5004)), holder.held, 7);
}

TEST_F(PortWalkTest, SeesNobodyOnAFreePortAgainAndAgain) {
  const Holder holder = hold(netns(), {Transport::kTcp, {"127.0.0.1", 5005}, {}});
  ASSERT_EQ(walk(query_for(IPPROTO_TCP, 5005))->sockets, 1U);
  const auto free = walk(query_for(IPPROTO_TCP, 5006));
  ASSERT_TRUE(free) << free.error().message;
  EXPECT_EQ(free->sockets, 0U);
  EXPECT_EQ(free->holder_count, 0U);
  EXPECT_EQ(walk(query_for(IPPROTO_UDP, 5005))->sockets, 0U) << "another protocol";
}

TEST_F(PortWalkTest, DoesNotMixUpNamespaces) {
  const Netns other;
  const Holder holder = hold(other, {Transport::kTcp, {"127.0.0.1", 5007}, {}});
  EXPECT_EQ(walk(query_for(IPPROTO_TCP, 5007))->sockets, 0U);
}

TEST_F(PortWalkTest, SaysThatANamespaceIsNotThere) {
  bt_query query = query_for(IPPROTO_TCP, 5008);
  query.request.netns = 1;
  const auto answer = walk(query);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().message, "there is no network namespace 1");
}

TEST_F(PortWalkTest, SaysThatAProtocolIsNotWalked) {
  const auto answer = walk(query_for(IPPROTO_ICMP, 5009));
  EXPECT_FALSE(answer);
}

}  // namespace
}  // namespace bindtrace
