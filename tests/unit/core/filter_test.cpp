// SPDX-License-Identifier: Apache-2.0
#include "core/filter.h"

#include <cstring>
#include <numeric>
#include <string_view>

#include <gtest/gtest.h>

#include "wire.h"

namespace bindtrace {
namespace {

bt_filter wire_of(const Filter& filter) {
  const std::vector<std::byte> bytes = encode(filter);
  bt_filter wire{};
  EXPECT_EQ(bytes.size(), sizeof wire);
  std::memcpy(&wire, bytes.data(), std::min(bytes.size(), sizeof wire));
  return wire;
}

std::string_view comm_of(const __u64 (&words)[2]) {
  return reinterpret_cast<const char*>(words);  // NOLINT: it ends with NUL
}

TEST(FilterRecord, OfNoFilterIsAllZero) {
  const std::vector<std::byte> bytes = encode({});
  EXPECT_EQ(bytes, std::vector<std::byte>(sizeof(bt_filter)));
}

TEST(FilterRecord, OfEachFilterSwitchesOnThatOneAlone) {
  const auto switches = [](const Filter& filter) {
    const bt_filter wire = wire_of(filter);
    EXPECT_EQ(wire.on, 1U);
    return std::vector<std::uint32_t>{wire.by_pid,   wire.by_uid,    wire.by_comm,   wire.by_port,
                                      wire.by_netns, wire.by_cgroup, wire.by_unit,   wire.transports,
                                      wire.ipv4,     wire.ipv6,      wire.by_descent};
  };
  EXPECT_EQ(switches({.pids = {7}}), (std::vector<std::uint32_t>{1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(switches({.uids = {0}}), (std::vector<std::uint32_t>{0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(switches({.comms = {"a"}}), (std::vector<std::uint32_t>{0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(switches({.ports = {{0, 0}}}), (std::vector<std::uint32_t>{0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(switches({.netns = {1}}), (std::vector<std::uint32_t>{0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(switches({.cgroups = {{false, {"a"}}}}), (std::vector<std::uint32_t>{0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0}));
  EXPECT_EQ(switches({.units = {"a.service"}}), (std::vector<std::uint32_t>{0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0}));
  EXPECT_EQ(switches({.transports = {Transport::kTcp, Transport::kVsock}}),
            (std::vector<std::uint32_t>{0, 0, 0, 0, 0, 0, 0, BT_TRANSPORT_TCP | BT_TRANSPORT_VSOCK, 0, 0, 0}));
  EXPECT_EQ(switches({.families = {Family::kIpv4}}), (std::vector<std::uint32_t>{0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0}));
  EXPECT_EQ(switches({.families = {Family::kIpv6}}), (std::vector<std::uint32_t>{0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0}));
  EXPECT_EQ(switches({.descendants = true}), (std::vector<std::uint32_t>{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}));
}

TEST(FilterRecord, RepeatsTheFirstValueWhereAnArrayIsNotFull) {
  const bt_filter wire = wire_of({.pids = {7, 8}, .ports = {{80, 80}, {8000, 8010}}});
  EXPECT_EQ(wire.pids[1], 8U);
  for (const std::uint32_t i : {0U, 2U, 15U}) {
    EXPECT_EQ(wire.pids[i], 7U) << i;
    EXPECT_EQ(wire.ports[i].first, 80) << i;
    EXPECT_EQ(wire.ports[i].last, 80) << i;
  }
  EXPECT_EQ(wire.ports[1].first, 8000);
  EXPECT_EQ(wire.ports[1].last, 8010);
}

TEST(FilterRecord, HasAsMuchOfANameAsTheKernelHas) {
  const bt_filter wire = wire_of({.comms = {"nginx", "a-name-of-21-letters"}});
  EXPECT_EQ(comm_of(wire.comms[0]), "nginx");
  EXPECT_EQ(comm_of(wire.comms[1]), "a-name-of-21-le");
}

TEST(FilterRecord, PutsTheNamesOfAPathAtTheirLevelsAndOthersAtAny) {
  const bt_filter wire = wire_of(
      {.cgroups = {{true, {"system.slice", "nginx.service"}}, {false, {"user.slice"}}}, .units = {"a.service"}});
  ASSERT_EQ(wire.name_count, 4U);
  EXPECT_STREQ(wire.names[0].name, "system.slice");
  EXPECT_EQ(wire.names[0].level, 1U);
  EXPECT_STREQ(wire.names[1].name, "nginx.service");
  EXPECT_EQ(wire.names[1].level, 2U);
  EXPECT_STREQ(wire.names[2].name, "user.slice");
  EXPECT_EQ(wire.names[2].level, 0U);
  EXPECT_STREQ(wire.names[3].name, "a.service");
  EXPECT_EQ(wire.names[3].level, 0U);
  EXPECT_EQ(wire.cgroups[0], 0b0011U);
  EXPECT_EQ(wire.cgroups[1], 0b0100U);
  EXPECT_EQ(wire.cgroups[7], wire.cgroups[0]);
  EXPECT_EQ(wire.units, 0b1000U);
}

TEST(FilterRecord, HasRoomForAllThatMayBeAskedFor) {
  Filter filter;
  filter.pids.resize(kMaxFilterPids);
  std::iota(filter.pids.begin(), filter.pids.end(), 1);
  filter.cgroups.resize(3,
                        {true, std::vector<std::string>(kMaxFilterPathNames, std::string(kMaxFilterNameBytes, 'x'))});
  filter.units.resize(kMaxFilterUnits, std::string(kMaxFilterNameBytes, 'u'));
  const bt_filter wire = wire_of(filter);
  EXPECT_EQ(wire.pids[15], 16U);
  EXPECT_EQ(wire.name_count, kMaxFilterNames);
  EXPECT_EQ(wire.names[31].name, std::string(kMaxFilterNameBytes, 'u'));
  EXPECT_EQ(wire.cgroups[0] | wire.cgroups[1] | wire.cgroups[2] | wire.units, ~0U);
}

}  // namespace
}  // namespace bindtrace
