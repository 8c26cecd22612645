// SPDX-License-Identifier: Apache-2.0
// The sockets on the port: states, options, TIME_WAIT.
#include "core/decode.h"

#include <cstring>
#include <optional>

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "wire_records.h"

namespace bindtrace {
namespace {

TEST(Decode, ASocketKeepsStateOptionsAndOverlap) {
  bt_failure wire = wire_failure();
  wire.holder_count = 1;
  wire.holders[0] = wire_listener();
  const auto failure = decoded<Failure>(wire);
  ASSERT_EQ(failure.sockets.size(), 1U);
  EXPECT_EQ(failure.sockets[0].state, SocketState::kListen);
  EXPECT_TRUE(failure.sockets[0].overlaps);
  EXPECT_TRUE(failure.sockets[0].options.reuseaddr);
  EXPECT_FALSE(failure.sockets[0].options.reuseport);
  EXPECT_EQ(failure.sockets[0].inode, 9001U);
  EXPECT_EQ(failure.sockets[0].uid, 0U);
  EXPECT_FALSE(failure.sockets[0].peer);
}

// The kernel side of kernels before 5.17 does not say so.
TEST(Decode, ATimeWaitSocketHasTimeLeftAndNoUser) {
  bt_failure wire = wire_failure();
  wire.holder_count = 1;
  wire.holders[0] = wire_listener();
  wire.holders[0].inode = 0;
  wire.holders[0].state = 6;
  wire.holders[0].flags = BT_SOCK_TIMEWAIT | BT_SOCK_OVERLAPS;
  wire.holders[0].time_wait_ms = 41'000;
  wire.holders[0].peer_port = 51514;
  const HolderSocket socket = decoded<Failure>(wire).sockets.at(0);
  EXPECT_TRUE(socket.time_wait);
  EXPECT_EQ(socket.time_wait_ms_left, 41'000U);
  EXPECT_FALSE(socket.uid);
  EXPECT_FALSE(socket.inode);
  EXPECT_EQ(socket.peer->port, 51514);
}

TEST(Decode, AConnectionThatWaitsInShortFormForItsPeerIsAnOrphanAndNoTimeWait) {
  bt_failure wire = wire_failure();
  wire.holder_count = 1;
  wire.holders[0] = wire_listener();
  wire.holders[0].inode = 0;
  wire.holders[0].state = 5;
  wire.holders[0].flags = BT_SOCK_TIMEWAIT | BT_SOCK_OVERLAPS;
  wire.holders[0].time_wait_ms = 59'000;
  const HolderSocket socket = decoded<Failure>(wire).sockets.at(0);
  EXPECT_EQ(socket.state, SocketState::kFinWait2);
  EXPECT_FALSE(socket.time_wait);
  EXPECT_TRUE(socket.orphan);
  EXPECT_EQ(socket.time_wait_ms_left, 59'000U);
  EXPECT_FALSE(socket.uid);
}

TEST(Decode, WhatTheVictimSetOfV6OnlyIsUnknownWhereTheKernelSetsItItself) {
  bt_failure wire = wire_failure();
  wire.request.address_source = BT_ADDRESS_KERNEL;
  wire.request.family = AF_INET6;
  wire.request.flags = BT_SOCK_V6ONLY;
  std::memset(wire.request.address, 0, sizeof wire.request.address);
  EXPECT_EQ(decoded<Failure>(wire).request.options.v6only, true) << "the wildcard";
  wire.request.address[15] = 1;
  EXPECT_EQ(decoded<Failure>(wire).request.options.v6only, std::nullopt) << "::1";
  wire.request.address_source = BT_ADDRESS_USER;
  EXPECT_EQ(decoded<Failure>(wire).request.options.v6only, true) << "::1, when the kernel has taken it back";
}

TEST(Decode, AStateWithoutANameIsUnknown) {
  bt_failure wire = wire_failure();
  wire.holder_count = 1;
  wire.holders[0] = wire_listener();
  wire.holders[0].state = 200;
  EXPECT_EQ(decoded<Failure>(wire).sockets.at(0).state, SocketState::kUnknown);
}

TEST(Decode, OnlyStatesThatOccurAreCounted) {
  bt_failure wire = wire_failure();
  wire.by_state[10] = 1;
  wire.by_state[6] = 3;
  const auto failure = decoded<Failure>(wire);
  ASSERT_EQ(failure.by_state.size(), 2U);
  EXPECT_EQ(failure.by_state[0].state, SocketState::kTimeWait);
  EXPECT_EQ(failure.by_state[0].count, 3U);
}

}  // namespace
}  // namespace bindtrace
