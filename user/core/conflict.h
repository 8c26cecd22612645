// SPDX-License-Identifier: Apache-2.0
// The kernel's own rules of when a bind or listen is refused because of the other sockets on its port. Pure.
//
// For tcp, mptcp, udp and udplite, and a port asked for by its number. Not known here, and taken to be absent: a
// reuseport program that the asking socket has before it is bound (sk_reuseport_cb), TCP_REPAIR, VRF devices.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/failure.h"

namespace bindtrace {

// Why one socket lets a request pass or refuses it.
struct ConflictRule {
  std::string_view name;
  bool blocks;
  std::string_view words;   // a clause about the socket, no full stop
  std::string_view source;  // the kernel's function, and since when where that matters
};

// Every rule, in the order in which they are asked; the first that applies decides.
std::span<const ConflictRule* const> conflict_rules();

struct ConflictVerdict {
  // Absent: a socket that could decide was not seen, or a fact about one is not known.
  std::optional<bool> refused;
  // One for each of failure.sockets; null: not known.
  std::vector<const ConflictRule*> sockets;
  // What the bind bucket remembers lets the request pass whatever the sockets say.
  const ConflictRule* bucket = nullptr;
};

// What the kernel answers to failure.request with these sockets and this bucket, as they were seen.
ConflictVerdict judge_conflict(const Failure& failure);

// The rule for one socket alone; null: not known.
const ConflictRule* rule_between(const Request& request, const HolderSocket& socket);

// Whether their addresses meet (inet_rcv_saddr_equal) and their devices do not differ; false where an address is not
// known.
bool overlaps(const Request& request, const HolderSocket& socket);

}  // namespace bindtrace
