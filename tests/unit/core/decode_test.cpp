// SPDX-License-Identifier: Apache-2.0
#include "core/decode.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <random>
#include <vector>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "wire.h"

namespace bindtrace {
namespace {

template <typename Wire>
std::vector<std::byte> bytes_of(const Wire& wire) {
  std::vector<std::byte> bytes(sizeof wire);
  std::memcpy(bytes.data(), &wire, sizeof wire);
  return bytes;
}

template <typename Value, typename Wire>
Value decoded(const Wire& wire) {
  return std::get<Value>(decode(bytes_of(wire)).value());
}

template <std::size_t N>
void put(char (&to)[N], std::string_view text) {
  std::copy_n(text.begin(), std::min(N, text.size()), to);
}

bt_failure wire_failure() {
  bt_failure wire{};
  wire.head = {BT_RECORD_FAILURE, 1, 77, (std::uint64_t{1234} << 32U) | 1235U};
  wire.tid = 1235;
  wire.victim.tgid = 1234;
  wire.victim.uid = 33;
  wire.victim.parent_tgid = 1;
  wire.victim.start_boottime_ns = 42;
  put(wire.victim.comm, "nginx");
  put(wire.victim.exe_name, "nginx");
  put(wire.victim.cgroup[0], "nginx.service");
  put(wire.victim.cgroup[1], "system.slice");
  wire.request.family = 2;
  wire.request.protocol = 6;
  wire.request.port = 80;
  wire.request.operation = BT_OP_BIND;
  wire.request.entry = BT_ENTRY_SYSCALL;
  wire.request.address_source = BT_ADDRESS_KERNEL;
  wire.request.inode = 9100;
  wire.flags = BT_FAIL_WALKED;
  return wire;
}

bt_socket wire_listener() {
  bt_socket socket{};
  socket.inode = 9001;
  socket.family = 2;
  socket.port = 80;
  socket.state = 10;
  socket.flags = BT_SOCK_REUSEADDR | BT_SOCK_OVERLAPS;
  return socket;
}

TEST(Decode, AFailureKeepsVictimAndRequest) {
  const auto failure = decoded<Failure>(wire_failure());
  EXPECT_EQ(failure.head.key.ktime_ns, 77U);
  EXPECT_EQ(failure.tid, 1235U);
  EXPECT_EQ(failure.victim.pid, 1234U);
  EXPECT_EQ(failure.victim.uid, 33U);
  EXPECT_EQ(failure.victim.parent_pid, 1U);
  EXPECT_EQ(failure.victim.comm, "nginx");
  EXPECT_EQ(failure.victim.cgroup_names, (std::vector<Name>{{"nginx.service"}, {"system.slice"}}));
  EXPECT_EQ(to_string(failure.request.endpoint), "tcp 0.0.0.0:80");
  EXPECT_EQ(failure.request.operation, Operation::kBind);
  EXPECT_EQ(failure.request.entry, Entry::kSyscall);
  EXPECT_EQ(failure.request.inode, 9100U);
  EXPECT_TRUE(failure.walked);
  EXPECT_FALSE(failure.scan_follows);
}

TEST(Decode, WhatTheKernelSideLeavesAtZeroIsUnknown) {
  bt_failure wire = wire_failure();
  wire.victim.parent_tgid = 0;
  wire.request.inode = 0;
  const auto failure = decoded<Failure>(wire);
  EXPECT_FALSE(failure.victim.parent_pid);
  EXPECT_FALSE(failure.victim.executable);
  EXPECT_FALSE(failure.victim.cgroup_id);
  EXPECT_FALSE(failure.request.inode);
  EXPECT_FALSE(failure.request.options.device);
  EXPECT_FALSE(failure.bucket);
}

TEST(Decode, AnAddressThatCouldNotBeReadIsUnknown) {
  bt_failure wire = wire_failure();
  wire.flags |= BT_FAIL_NO_PARSE;
  const auto failure = decoded<Failure>(wire);
  EXPECT_FALSE(failure.request.endpoint.address);
  EXPECT_FALSE(failure.request.endpoint.port);
}

TEST(Decode, AFamilyThatIsNotKnownHasNoAddress) {
  bt_failure wire = wire_failure();
  wire.request.family = AF_BLUETOOTH;
  const Endpoint endpoint = decoded<Failure>(wire).request.endpoint;
  EXPECT_FALSE(endpoint.address);
  EXPECT_FALSE(endpoint.port);
  EXPECT_EQ(to_string(endpoint), "unknown ?");
}

std::string unix_endpoint(std::string_view sun_path) {
  bt_failure wire = wire_failure();
  wire.request.family = AF_UNIX;
  wire.request.name_length = static_cast<__u32>(sun_path.size());
  put(wire.request.name, sun_path);
  return to_string(decoded<Failure>(wire).request.endpoint);
}

TEST(Decode, AUnixPathEndsWithItsNul) {
  using namespace std::string_view_literals;
  EXPECT_EQ(unix_endpoint("/run/app.sock\0garbage"sv), "unix /run/app.sock");
  EXPECT_EQ(unix_endpoint("/run/app.sock"), "unix /run/app.sock");
}

TEST(Decode, AUnixPathMayFillItsField) {
  const std::string path(BT_UNIX_LEN, 'x');
  EXPECT_EQ(unix_endpoint(path), "unix " + path);
}

TEST(Decode, AnAbstractNameIsAsLongAsItSays) {
  using namespace std::string_literals;
  using namespace std::string_view_literals;
  EXPECT_EQ(unix_endpoint("\0bus\0x"sv), "unix @bus\0x"s);
}

TEST(Decode, AUnixNameLongerThanItsFieldIsAnError) {
  bt_failure wire = wire_failure();
  wire.request.name_length = BT_UNIX_LEN + 1;
  EXPECT_EQ(decode(bytes_of(wire)).error().kind, ErrorKind::kMalformed);
}

TEST(Decode, ANetlinkAddressIsThePortId) {
  bt_failure wire = wire_failure();
  wire.request.family = AF_NETLINK;
  const std::uint32_t port_id = 4242;
  std::memcpy(wire.request.address, &port_id, sizeof port_id);
  EXPECT_EQ(to_string(decoded<Failure>(wire).request.endpoint), "netlink 4242");
}

TEST(Decode, AVsockAddressIsCidAndPort) {
  bt_failure wire = wire_failure();
  wire.request.family = AF_VSOCK;
  const std::array<std::uint32_t, 2> port_and_cid{5555, 3};
  std::memcpy(wire.request.address, port_and_cid.data(), sizeof port_and_cid);
  EXPECT_EQ(to_string(decoded<Failure>(wire).request.endpoint), "vsock 3:5555");
}

TEST(Decode, AnIpv4AddressTakesOnlyItsFourBytes) {
  bt_failure wire = wire_failure();
  std::fill(std::begin(wire.request.address), std::end(wire.request.address), __u8{9});
  EXPECT_EQ(to_string(*decoded<Failure>(wire).request.endpoint.address), "9.9.9.9");
  EXPECT_EQ(decoded<Failure>(wire).request.endpoint.address->bytes[4], 0);
}

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

// The kernel side ends every string with NUL, so one that is cut is a byte shorter than its field.
TEST(Decode, ANameThatLeavesNoRoomForMoreMayBeCut) {
  bt_failure wire = wire_failure();
  put(wire.victim.exe_name, std::string(BT_EXE_LEN - 1, 'e'));
  EXPECT_TRUE(decoded<Failure>(wire).victim.executable_name.cut);
  wire = wire_failure();
  put(wire.victim.exe_name, std::string(BT_EXE_LEN - 2, 'e'));
  EXPECT_FALSE(decoded<Failure>(wire).victim.executable_name.cut);
}

TEST(Decode, ANameThatFillsItsFieldEndsThere) {
  bt_failure wire = wire_failure();
  std::memset(wire.victim.comm, 'c', sizeof wire.victim.comm);
  std::memset(wire.victim.exe_name, 'e', sizeof wire.victim.exe_name);
  std::memset(wire.victim.cgroup[0], 'g', sizeof wire.victim.cgroup[0]);
  const auto failure = decoded<Failure>(wire);
  EXPECT_EQ(failure.victim.comm, std::string(BT_COMM_LEN, 'c'));
  EXPECT_EQ(failure.victim.executable_name, (Name{std::string(BT_EXE_LEN, 'e'), true}));
  EXPECT_EQ(failure.victim.cgroup_names.at(0), (Name{std::string(BT_CGROUP_LEN, 'g'), true}));
}

TEST(Decode, ARecordThatGrewIsReadByItsOldFields) {
  auto bytes = bytes_of(wire_failure());
  bytes.resize(bytes.size() + 512, std::byte{0xAA});
  EXPECT_TRUE(decode(bytes));
}

TEST(Decode, AnyAlignmentWillDo) {
  auto bytes = bytes_of(wire_failure());
  bytes.insert(bytes.begin(), std::byte{0});
  EXPECT_TRUE(decode(std::span(bytes).subspan(1)));
}

TEST(Decode, EveryTruncationIsAnError) {
  bt_failure wire = wire_failure();
  wire.holder_count = BT_MAX_HOLDERS;
  const auto bytes = bytes_of(wire);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode(std::span(bytes).first(size))) << size;
  }
}

TEST(Decode, AFailureEndsWithItsLastHolder) {
  bt_failure wire = wire_failure();
  wire.holder_count = 2;
  wire.holders[1] = wire_listener();
  const auto bytes = bytes_of(wire);
  EXPECT_FALSE(decode(std::span(bytes).first(BT_FAILURE_SIZE(2) - 1)));
  const auto record = decode(std::span(bytes).first(BT_FAILURE_SIZE(2)));
  ASSERT_TRUE(record);
  const auto& failure = std::get<Failure>(*record);
  ASSERT_EQ(failure.sockets.size(), 2U);
  EXPECT_EQ(failure.sockets[1].state, SocketState::kListen);
}

TEST(Decode, AThreadThatTriesPortAfterPortIsMarked) {
  bt_failure wire = wire_failure();
  EXPECT_FALSE(decoded<Failure>(wire).probing);
  wire.flags |= BT_FAIL_PROBING;
  EXPECT_TRUE(decoded<Failure>(wire).probing);
}

TEST(Decode, MoreHoldersThanTheArrayHasIsAnError) {
  bt_failure wire = wire_failure();
  wire.holder_count = BT_MAX_HOLDERS + 1;
  const auto record = decode(bytes_of(wire));
  ASSERT_FALSE(record);
  EXPECT_EQ(record.error().kind, ErrorKind::kMalformed);
  EXPECT_EQ(record.error().message, "failure record of 1992 bytes with 17 holders");
}

TEST(Decode, AnOperationWithoutMeaningIsAnError) {
  bt_failure wire = wire_failure();
  wire.request.operation = 9;
  EXPECT_EQ(decode(bytes_of(wire)).error().message, "failure record: operation 9 has no meaning");
}

TEST(Decode, AnEntryThatIsNotKnownIsUnknown) {
  bt_failure wire = wire_failure();
  wire.request.entry = 200;
  EXPECT_EQ(decoded<Failure>(wire).request.entry, Entry::kUnknown);
}

TEST(Decode, ARecordTypeThatIsNotKnownIsAnError) {
  bt_failure wire = wire_failure();
  wire.head.type = 99;
  EXPECT_EQ(decode(bytes_of(wire)).error().message, "record of unknown type 99");
}

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
  wire.source = BT_OWNER_SCAN;
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

TEST(Decode, ABinderHasItsSocketWithoutDescriptors) {
  bt_owner wire = wire_owner();
  wire.source = BT_OWNER_MAP;
  wire.inode[1] = 0;
  wire.fd_bits[0] = 0;
  const auto owner = decoded<Owner>(wire);
  EXPECT_EQ(owner.source, OwnerSource::kMap);
  ASSERT_EQ(owner.sockets.size(), 1U);
  EXPECT_TRUE(owner.sockets[0].fds.empty());
}

TEST(Decode, AnOwnerSourceWithoutMeaningIsAnError) {
  bt_owner wire = wire_owner();
  wire.source = 7;
  EXPECT_FALSE(decode(bytes_of(wire)));
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

TEST(Decode, GarbageGivesARecordOrAnErrorAndNothingElse) {
  std::mt19937 random(1);  // the same garbage every time
  for (int round = 0; round < 20'000; ++round) {
    std::vector<std::byte> bytes(random() % 2500);
    for (std::byte& byte : bytes) {
      byte = static_cast<std::byte>(random());
    }
    if (bytes.size() >= 4) {
      const auto type = static_cast<std::uint32_t>(random() % 7);
      std::memcpy(bytes.data(), &type, sizeof type);
    }
    const auto record = decode(bytes);
    EXPECT_TRUE(record || !record.error().message.empty());
  }
}

TEST(Decode, OneDamagedByteDoesNoHarm) {
  const auto whole = bytes_of(wire_failure());
  for (std::size_t at = 0; at < whole.size(); ++at) {
    auto bytes = whole;
    bytes[at] = std::byte{0xFF};
    const auto record = decode(bytes);
    EXPECT_TRUE(record || record.error().kind == ErrorKind::kMalformed) << at;
  }
}

}  // namespace
}  // namespace bindtrace
