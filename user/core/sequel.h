// SPDX-License-Identifier: Apache-2.0
// What follows a conflict: its address became free, and its victim got it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/incident.h"

namespace bindtrace {

// What both have in common.
struct Sequel {
  Endpoint endpoint;
  std::uint32_t netns = 0;
  CgroupIdentity place;        // the victim's
  EventKey first;              // of the victim's first failure at this address
  std::uint64_t failures = 0;  // until now
  std::uint64_t ktime_ns = 0;  // when it happened
  std::uint64_t observed_boottime_ns = 0;
  std::string tier;
  std::shared_ptr<const HostFacts> host;
  BootClock clock;
};

enum class LetGo {
  kExited,
  kClosed,
  kTimeWaitEnded,
  kConnectionEnded,  // one that no process had any more
  kFileRemoved,
  kUnknown,
};

// "exited", "closed", "time_wait_ended", ...; "unknown"
std::string_view to_string(LetGo how);

struct Released {
  Sequel sequel;
  std::uint64_t after_ns = 0;  // since the address was refused, or refused again
  LetGo how = LetGo::kUnknown;
  std::optional<std::uint32_t> pid;  // who let go, with kExited and kClosed
  std::string comm;
};

// The victim, or its successor: another process of the same unit, container or program.
struct Bound {
  Sequel sequel;
  Operation operation = Operation::kBind;
  Process process;
  std::uint64_t attempt = 0;  // the failures and this one
};

}  // namespace bindtrace
