// SPDX-License-Identifier: Apache-2.0
#include "core/blocking.h"

#include <gtest/gtest.h>

#include "incidents.h"

namespace bindtrace {
namespace {

HolderSocket elsewhere() {
  HolderSocket socket = listener();
  socket.local.address = ipv4(10, 0, 0, 9);
  socket.overlaps = false;
  return socket;
}

// Of a bind of 10.0.0.1:80.
Failure failure(std::vector<HolderSocket> sockets) {
  Failure failure;
  failure.request.endpoint = {Transport::kTcp, ipv4(10, 0, 0, 1), 80};
  failure.sockets = std::move(sockets);
  return failure;
}

TEST(Blocking, FollowsTheRulesOfTheKernel) {
  const auto verdicts = judge_sockets(failure({elsewhere(), listener(), listener()}));
  EXPECT_EQ(verdicts[0].blocking, false);
  EXPECT_EQ(verdicts[0].rule, "it has another address");
  EXPECT_EQ(verdicts[1].blocking, true);
  EXPECT_EQ(verdicts[1].rule, "it listens there");
  EXPECT_EQ(verdicts[2].blocking, true);
}

TEST(Blocking, WhereNoneBlocksByTheRulesOneThatOverlapsMayHave) {
  Failure shared = failure({elsewhere(), time_wait(1000)});
  shared.request.options.reuseaddr = true;
  shared.sockets[1].options.reuseaddr = true;
  const auto verdicts = judge_sockets(shared);
  EXPECT_EQ(verdicts[0].blocking, false);
  EXPECT_FALSE(verdicts[1].blocking);
  EXPECT_FALSE(verdicts[1].rule);
}

TEST(Blocking, ASocketThatSharesThePortIsNotTheOneWhereAnotherBlocks) {
  Failure mixed = failure({time_wait(1000), listener()});
  mixed.request.options.reuseaddr = true;
  mixed.sockets[0].options.reuseaddr = true;
  const auto verdicts = judge_sockets(mixed);
  EXPECT_EQ(verdicts[0].blocking, false);
  EXPECT_EQ(verdicts[1].blocking, true);
}

TEST(Blocking, OfAnAddressThatCouldNotBeReadNothingIsKnown) {
  Failure unread = failure({listener()});
  unread.request.endpoint.address.reset();
  EXPECT_FALSE(judge_sockets(unread)[0].blocking);
}

TEST(HolderOrder, WhatBlocksComesFirstAndAListenerBeforeAConnection) {
  HolderSocket connection = listener();
  connection.state = SocketState::kEstablished;
  std::vector<Holder> holders{holder(elsewhere()), holder(time_wait(1)), holder(connection), holder(listener())};
  order_holders(holders);
  EXPECT_EQ(holders[0].socket.state, SocketState::kListen);
  EXPECT_EQ(holders[1].socket.state, SocketState::kEstablished);
  EXPECT_EQ(holders[2].socket.state, SocketState::kTimeWait);
  EXPECT_FALSE(holders[3].socket.overlaps);
}

TEST(HolderOrder, OfSeveralProcessesTheOldestComesFirst) {
  std::vector<Holder> holders{holder(listener()), holder(listener(), process(20, "nginx", "/n", kSecond)),
                              holder(listener(), process(10, "nginx", "/n", 2 * kSecond))};
  holders[0].blocking = true;
  order_holders(holders);
  EXPECT_EQ(holders[0].process->pid, 10U);
  EXPECT_EQ(holders[1].process->pid, 20U);
  EXPECT_FALSE(holders[2].process);
}

}  // namespace
}  // namespace bindtrace
