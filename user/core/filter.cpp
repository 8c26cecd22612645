// SPDX-License-Identifier: Apache-2.0
#include "core/filter.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <string_view>

#include "wire.h"

namespace bindtrace {
namespace {

static_assert(kMaxFilterPids == BT_FILTER_PIDS);
static_assert(kMaxFilterComms == BT_FILTER_COMMS);
static_assert(kMaxFilterUids == BT_FILTER_UIDS);
static_assert(kMaxFilterPorts == BT_FILTER_PORTS);
static_assert(kMaxFilterNetns == BT_FILTER_NETNS);
static_assert(kMaxFilterCgroups == BT_FILTER_CGROUPS);
static_assert(kMaxFilterUnits == BT_FILTER_UNITS);
static_assert(kMaxFilterNames == BT_FILTER_NAMES);
static_assert(kMaxFilterNameBytes < BT_FILTER_NAME_LEN - sizeof(__u64));
static_assert(kCommBytes == BT_COMM_LEN - 1);

std::uint32_t bit_of(Transport transport) {
  switch (transport) {
    case Transport::kTcp:
      return BT_TRANSPORT_TCP;
    case Transport::kUdp:
      return BT_TRANSPORT_UDP;
    case Transport::kUdplite:
      return BT_TRANSPORT_UDPLITE;
    case Transport::kIcmp:
      return BT_TRANSPORT_ICMP;
    case Transport::kMptcp:
      return BT_TRANSPORT_MPTCP;
    case Transport::kSctp:
      return BT_TRANSPORT_SCTP;
    case Transport::kUnix:
      return BT_TRANSPORT_UNIX;
    case Transport::kNetlink:
      return BT_TRANSPORT_NETLINK;
    case Transport::kVsock:
      return BT_TRANSPORT_VSOCK;
    case Transport::kUnknown:
      break;
  }
  return 0;
}

// Puts the values into the array, the first of them into what is left too; whether there are any.
template <typename Value, typename Wire, std::size_t N, typename Put>
__u32 fill(const std::vector<Value>& values, Wire (&array)[N], Put put) {
  if (values.empty()) {
    return 0;
  }
  for (std::size_t i = 0; i < N; ++i) {
    put(array[i], values[i < values.size() ? i : 0]);
  }
  return 1;
}

template <typename Wire, typename Value>
void assign(Wire& wire, const Value& value) {
  wire = value;
}

void put_range(bt_port_range& wire, const PortRange& range) {
  wire.first = range.first;
  wire.last = range.last;
}

void put_comm(__u64 (&wire)[BT_COMM_LEN / sizeof(__u64)], const std::string& comm) {
  std::memcpy(wire, comm.data(), std::min(comm.size(), kCommBytes));
}

// The bit of the name, which is new.
std::uint32_t add_name(bt_filter& wire, std::string_view name, std::uint32_t level) {
  bt_filter_name& place = wire.names[wire.name_count];
  place.level = level;
  std::memcpy(place.name, name.data(), std::min(name.size(), sizeof place.name));
  return 1U << wire.name_count++;
}

std::uint32_t add_pattern(bt_filter& wire, const CgroupPattern& pattern) {
  std::uint32_t bits = 0;
  for (std::uint32_t i = 0; i < pattern.names.size(); ++i) {
    bits |= add_name(wire, pattern.names[i], pattern.absolute ? i + 1 : 0);
  }
  return bits;
}

}  // namespace

bool Filter::empty() const {
  return pids.empty() && comms.empty() && uids.empty() && ports.empty() && transports.empty() && families.empty() &&
         cgroups.empty() && netns.empty() && units.empty() && !descendants;
}

std::vector<std::byte> encode(const Filter& filter) {
  bt_filter wire{};
  wire.on = filter.empty() ? 0 : 1;
  wire.by_pid = fill(filter.pids, wire.pids, assign<__u32, std::uint32_t>);
  wire.by_uid = fill(filter.uids, wire.uids, assign<__u32, std::uint32_t>);
  wire.by_comm = fill(filter.comms, wire.comms, put_comm);
  wire.by_port = fill(filter.ports, wire.ports, put_range);
  wire.by_netns = fill(filter.netns, wire.netns, assign<__u32, std::uint32_t>);
  for (const Transport transport : filter.transports) {
    wire.transports |= bit_of(transport);
  }
  for (const Family family : filter.families) {
    (family == Family::kIpv4 ? wire.ipv4 : wire.ipv6) = 1;
  }
  std::vector<std::uint32_t> cgroups;
  for (const CgroupPattern& pattern : filter.cgroups) {
    cgroups.push_back(add_pattern(wire, pattern));
  }
  wire.by_cgroup = fill(cgroups, wire.cgroups, assign<__u32, std::uint32_t>);
  for (const std::string& unit : filter.units) {
    wire.units |= add_name(wire, unit, 0);
  }
  wire.by_unit = filter.units.empty() ? 0 : 1;
  wire.by_descent = filter.descendants ? 1 : 0;
  const auto bytes = std::as_bytes(std::span(&wire, 1));
  return {bytes.begin(), bytes.end()};
}

}  // namespace bindtrace
