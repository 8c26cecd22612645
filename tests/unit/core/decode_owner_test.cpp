// SPDX-License-Identifier: Apache-2.0
// The records that come beside a failure: scans, owners of sockets, and sightings of who binds or lets go.
#include "core/decode.h"

#include <cstdint>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "wire_records.h"

namespace bindtrace {
namespace {

TEST(Decode, AScanNamesOnlyTheSocketsThatWereLookedFor) {
  bt_scan wire{};
  wire.head = {BT_RECORD_SCAN, 1, 77, 5};
  wire.status = BT_SCAN_COMPLETE;
  wire.inode[0] = 9001;
  wire.owners_sent = 2;
  const auto scan = decoded<Scan>(wire);
  EXPECT_EQ(scan.status, ScanStatus::kComplete);
  EXPECT_EQ(scan.inodes, std::vector<std::uint64_t>{9001});
  EXPECT_EQ(scan.owners_sent, 2U);
}

TEST(Decode, AScanStatusWithoutMeaningIsAnError) {
  bt_scan wire{};
  wire.head.type = BT_RECORD_SCAN;
  EXPECT_FALSE(decode(bytes_of(wire)));
}

bt_owner wire_owner() {
  bt_owner wire{};
  wire.head = {BT_RECORD_OWNER, 1, 77, 5};
  wire.task.tgid = 811;
  wire.inode[0] = 9001;
  wire.inode[1] = 9002;
  wire.fd_base = 32;
  wire.targets = 1;
  wire.fd_bits[0] = 1U << 31U | 1U;
  return wire;
}

TEST(Decode, DescriptorsAreBitsAboveTheirBase) {
  const auto owner = decoded<Owner>(wire_owner());
  ASSERT_EQ(owner.sockets.size(), 1U) << "a socket that is no target of the owner is not held";
  EXPECT_EQ(owner.sockets[0].inode, 9001U);
  EXPECT_EQ(owner.sockets[0].fds, (std::vector<std::uint32_t>{32, 63}));
}

bt_sighting wire_sighting() {
  bt_sighting wire{};
  wire.head = {BT_RECORD_BOUND, 1, 77, 5};
  wire.task.tgid = 1234;
  put(wire.task.comm, "nginx");
  wire.socket = wire_listener();
  wire.protocol = IPPROTO_TCP;
  wire.netns = 4026531840;
  return wire;
}

TEST(Decode, ASightingHasTaskSocketAndNamespace) {
  const auto bound = decoded<Sighting>(wire_sighting());
  EXPECT_EQ(bound.kind, SightingKind::kBound);
  EXPECT_EQ(bound.head.key.ktime_ns, 77U);
  EXPECT_EQ(bound.task.pid, 1234U);
  EXPECT_EQ(to_string(bound.socket.local), "tcp 0.0.0.0:80");
  EXPECT_EQ(bound.socket.inode, 9001U);
  EXPECT_EQ(bound.socket.state, SocketState::kListen);
  EXPECT_EQ(bound.netns, 4026531840U);
}

TEST(Decode, AnEndingSocketMayHaveLostItsInode) {
  bt_sighting wire = wire_sighting();
  wire.head.type = BT_RECORD_FREED;
  wire.socket.inode = 0;
  const auto freed = decoded<Sighting>(wire);
  EXPECT_EQ(freed.kind, SightingKind::kFreed);
  EXPECT_FALSE(freed.socket.inode);
}

TEST(Decode, ASightingOfAUnixSocketHasItsName) {
  bt_sighting wire = wire_sighting();
  wire.socket = {};
  wire.socket.family = AF_UNIX;
  wire.protocol = 0;
  wire.name_length = 5;
  put(wire.name, std::string_view("\0name", 5));
  EXPECT_EQ(to_string(decoded<Sighting>(wire).socket.local), "unix @name");
  wire.name_length = BT_UNIX_LEN + 1;
  EXPECT_FALSE(decode(bytes_of(wire)));
}

}  // namespace
}  // namespace bindtrace
