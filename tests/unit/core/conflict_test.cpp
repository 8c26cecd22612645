// SPDX-License-Identifier: Apache-2.0
// The rules one by one; tests/differential holds all of them against real kernels.
#include "core/conflict.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "incidents.h"

namespace bindtrace {
namespace {

Request request_for(const IpAddress& address, Transport transport = Transport::kTcp) {
  Request request;
  request.endpoint = {transport, address, 80};
  request.inode = 9100;
  return request;
}

std::string rule_for(const Request& request, const HolderSocket& socket) {
  const ConflictRule* rule = rule_between(request, socket);
  return rule == nullptr ? "unknown" : std::string(rule->name);
}

Failure failure_of(const Request& request, const std::vector<HolderSocket>& sockets) {
  Failure failure;
  failure.request = request;
  failure.sockets = sockets;
  failure.socket_count = static_cast<std::uint32_t>(sockets.size());
  failure.walked = true;
  return failure;
}

HolderSocket udp_at(const IpAddress& address, std::uint64_t inode) {
  HolderSocket socket = listener();
  socket.state = SocketState::kClose;
  socket.local = {Transport::kUdp, address, 80};
  socket.options = {};
  socket.inode = inode;
  return socket;
}

TEST(ConflictRules, AListenerBlocks) {
  EXPECT_EQ(rule_for(request_for(ipv4(0, 0, 0, 0)), listener()), "listens");
}

TEST(ConflictRules, ASocketIsNotInItsOwnWay) {
  Request request = request_for(ipv4(0, 0, 0, 0));
  request.inode = listener().inode;
  EXPECT_EQ(rule_for(request, listener()), "itself");
}

TEST(ConflictRules, ReuseaddrOnBothSidesSharesWithWhatDoesNotListen) {
  Request request = request_for(ipv4(10, 0, 0, 1));
  HolderSocket held = time_wait(1000);
  EXPECT_EQ(rule_for(request, held), "has_it");
  request.options.reuseaddr = true;
  EXPECT_EQ(rule_for(request, held), "has_it");
  held.options.reuseaddr = true;
  EXPECT_EQ(rule_for(request, held), "both_reuseaddr");
  EXPECT_EQ(rule_for(request, listener()), "listens");
}

TEST(ConflictRules, ReuseportOnBothSidesSharesWithTheSameUser) {
  Request request = request_for(ipv4(0, 0, 0, 0));
  request.options.reuseport = true;
  HolderSocket held = listener();
  held.options.reuseport = true;
  EXPECT_EQ(rule_for(request, held), "both_reuseport");
  held.uid = 1000;
  EXPECT_EQ(rule_for(request, held), "reuseport_other_user");
  held.time_wait = true;
  EXPECT_EQ(rule_for(request, held), "both_reuseport_time_wait");
}

TEST(ConflictRules, OfAnOrphansUserKernelsDiffer) {
  Request request = request_for(ipv4(0, 0, 0, 0));
  request.options.reuseport = true;
  request.uid = 1000;
  HolderSocket held = listener();
  held.options.reuseport = true;
  held.uid = 1000;
  held.orphan = true;
  EXPECT_EQ(rule_for(request, held), "unknown");
  request.uid = 0;
  held.uid = 0;
  EXPECT_EQ(rule_for(request, held), "both_reuseport");
}

TEST(ConflictRules, AnotherDeviceIsApart) {
  Request request = request_for(ipv4(0, 0, 0, 0));
  HolderSocket held = listener();
  held.options.device = 2;
  EXPECT_EQ(rule_for(request, held), "listens");
  request.options.device = 3;
  EXPECT_EQ(rule_for(request, held), "other_device");
}

TEST(ConflictRules, AConnectionOfADualListenerIsInTheWayOfTheWildcardOfIpv4) {
  HolderSocket held = listener();
  held.state = SocketState::kEstablished;
  held.local.address = ipv6_any();
  held.local.address->bytes.back() = 1;
  EXPECT_EQ(rule_for(request_for(ipv4(0, 0, 0, 0)), held), "has_it");
  EXPECT_EQ(rule_for(request_for(ipv4(127, 0, 0, 1)), held), "other_address");
  held.options.v6only = true;
  EXPECT_EQ(rule_for(request_for(ipv4(0, 0, 0, 0)), held), "other_address");
}

TEST(ConflictRules, AnAddressThatIsNotKnownDecidesNothing) {
  Request request = request_for(ipv4(0, 0, 0, 0));
  request.endpoint.address.reset();
  EXPECT_EQ(rule_for(request, listener()), "unknown");
}

TEST(ConflictModel, IsRefusedByOneThatBlocks) {
  const ConflictVerdict verdict = judge_conflict(failure_of(request_for(ipv4(0, 0, 0, 0)), {listener()}));
  EXPECT_EQ(verdict.refused, true);
  ASSERT_EQ(verdict.sockets.size(), 1U);
}

TEST(ConflictModel, DoesNotKnowWhatWasNotSeen) {
  Failure failure = failure_of(request_for(ipv4(0, 0, 0, 0)), {});
  EXPECT_EQ(judge_conflict(failure).refused, false);
  failure.sockets_cut = true;
  EXPECT_EQ(judge_conflict(failure).refused, std::nullopt);
}

TEST(ConflictModel, TheBucketRemembersThatAllHadReuseaddr) {
  Request request = request_for(ipv4(10, 0, 0, 1));
  request.options.reuseaddr = true;
  Failure failure = failure_of(request, {time_wait(1000)});
  EXPECT_EQ(judge_conflict(failure).refused, true);
  failure.bucket = Bucket{.fastreuse = 1, .fast_address = std::nullopt};
  EXPECT_EQ(judge_conflict(failure).refused, false);
  failure.request.operation = Operation::kListen;
  EXPECT_EQ(judge_conflict(failure).refused, true);
}

TEST(ConflictModel, TheBucketRemembersTheLastSharedAddress) {
  Request request = request_for(ipv4(10, 0, 0, 1));
  request.options.reuseport = true;
  Failure failure = failure_of(request, {time_wait(1000)});
  failure.bucket = Bucket{.fastreuseport = 2, .fast_address = ipv4(10, 0, 0, 1)};
  EXPECT_EQ(judge_conflict(failure).refused, false);
  failure.bucket->fast_address = ipv4(10, 0, 0, 2);
  EXPECT_EQ(judge_conflict(failure).refused, true);
  failure.bucket->fastreuseport = 1;
  EXPECT_EQ(judge_conflict(failure).refused, false);
  failure.bucket->fastuid = 1000;
  EXPECT_EQ(judge_conflict(failure).refused, true);
}

TEST(ConflictModel, OfUdpLooksNoFurtherThanASocketWithWhichThePortIsShared) {
  Request request = request_for(ipv4(0, 0, 0, 0), Transport::kUdp);
  request.options.reuseport = true;
  HolderSocket shared = udp_at(ipv4(127, 0, 0, 1), 1);
  shared.options.reuseport = true;
  const HolderSocket other = udp_at(ipv4(127, 0, 0, 2), 2);
  const ConflictVerdict passes = judge_conflict(failure_of(request, {shared, other}));
  EXPECT_EQ(passes.refused, false);
  EXPECT_EQ(passes.sockets[1]->name, "not_reached");
  EXPECT_EQ(judge_conflict(failure_of(request, {other, shared})).refused, true);
  Failure crowded = failure_of(request, {shared, other});
  crowded.socket_count = 11;
  EXPECT_EQ(judge_conflict(crowded).refused, std::nullopt);
}

TEST(ConflictRules, AreNamedOnceAndSayWhereTheyAreFrom) {
  std::set<std::string_view> names;
  for (const ConflictRule* rule : conflict_rules()) {
    EXPECT_TRUE(names.insert(rule->name).second) << rule->name;
    EXPECT_FALSE(rule->words.empty());
    EXPECT_FALSE(rule->source.empty());
  }
}

}  // namespace
}  // namespace bindtrace
