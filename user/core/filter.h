// SPDX-License-Identifier: Apache-2.0
// Which victims are wanted: the kernel side reports those alone. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/endpoint.h"

namespace bindtrace {

struct PortRange {
  std::uint16_t first = 0;
  std::uint16_t last = 0;

  friend bool operator==(const PortRange&, const PortRange&) = default;
};

// A cgroup and all below it.
struct CgroupPattern {
  bool absolute = false;           // the names lead down from the root; else it is one name, at any level
  std::vector<std::string> names;  // none and absolute: the root

  friend bool operator==(const CgroupPattern&, const CgroupPattern&) = default;
};

// The values of one kind are alternatives; an empty kind asks for nothing. All kinds must hold.
struct Filter {
  std::vector<std::uint32_t> pids{};    // in the initial pid namespace
  std::vector<std::string> comms{};     // of the thread group leader
  std::vector<std::uint32_t> uids{};    // effective
  std::vector<PortRange> ports{};       // asked for
  std::vector<Transport> transports{};  // without kUnknown
  std::vector<Family> families{};       // of the address asked for
  std::vector<CgroupPattern> cgroups{};
  std::vector<std::uint32_t> netns{};  // inode numbers
  std::vector<std::string> units{};    // with suffix
  bool descendants = false;            // of bindtrace itself

  [[nodiscard]] bool empty() const;
};

// What the kernel side has room for: the caller of encode() keeps to it.
inline constexpr std::size_t kMaxFilterPids = 16;
inline constexpr std::size_t kMaxFilterComms = 8;
inline constexpr std::size_t kMaxFilterUids = 16;
inline constexpr std::size_t kMaxFilterPorts = 16;
inline constexpr std::size_t kMaxFilterNetns = 8;
inline constexpr std::size_t kMaxFilterCgroups = 8;
inline constexpr std::size_t kMaxFilterUnits = 8;
inline constexpr std::size_t kMaxFilterNames = 32;      // of all cgroups and units
inline constexpr std::size_t kMaxFilterPathNames = 8;   // of one cgroup
inline constexpr std::size_t kMaxFilterNameBytes = 95;  // of a cgroup's name
inline constexpr std::size_t kCommBytes = 15;           // of what the kernel keeps of a process's name

// As bpf/wire.h has it. A comm counts by its first kCommBytes.
std::vector<std::byte> encode(const Filter& filter);

}  // namespace bindtrace
