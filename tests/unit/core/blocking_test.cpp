// SPDX-License-Identifier: Apache-2.0
#include "core/blocking.h"

#include <gtest/gtest.h>

#include "incidents.h"

namespace bindtrace {
namespace {

HolderSocket elsewhere() {
  HolderSocket socket = listener();
  socket.overlaps = false;
  return socket;
}

Failure failure(std::vector<HolderSocket> sockets) {
  Failure failure;
  failure.sockets = std::move(sockets);
  return failure;
}

TEST(Blocking, TheOnlySocketThatOverlapsIsTheOneThatRefused) {
  const auto verdicts = judge_sockets(failure({elsewhere(), listener()}));
  EXPECT_EQ(verdicts[0].blocking, false);
  EXPECT_EQ(verdicts[1].blocking, true);
}

TEST(Blocking, OfSeveralThatOverlapNoneIsSaidToBeTheOne) {
  for (const auto& verdict : judge_sockets(failure({listener(), listener()}))) {
    EXPECT_FALSE(verdict.blocking);
    EXPECT_FALSE(verdict.rule);
  }
}

TEST(Blocking, AWalkThatWasCutMayHaveMissedOthers) {
  Failure cut = failure({listener()});
  cut.sockets_cut = true;
  EXPECT_FALSE(judge_sockets(cut)[0].blocking);
  cut.sockets_cut = false;
  cut.walk_truncated = true;
  EXPECT_FALSE(judge_sockets(cut)[0].blocking);
}

TEST(Blocking, ASocketThatDoesNotOverlapHasAnotherAddressOrDevice) {
  Failure other = failure({elsewhere()});
  EXPECT_EQ(judge_sockets(other)[0].rule, "different address");
  other.request.options.device = 2;
  other.sockets[0].options.device = 3;
  EXPECT_EQ(judge_sockets(other)[0].rule, "different device");
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
