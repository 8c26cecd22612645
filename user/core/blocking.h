// SPDX-License-Identifier: Apache-2.0
// Which of the sockets on the port refused, as far as the facts tell.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/incident.h"

namespace bindtrace {

struct BlockingVerdict {
  std::optional<bool> blocking;  // absent: not established
  std::optional<std::string> rule;
};

// One for each of failure.sockets. A socket that does not overlap cannot block; the only one that
// does is the one that did, unless the walk may have missed others.
std::vector<BlockingVerdict> judge_sockets(const Failure& failure);

// Whether a socket on the port may refuse such a request now: the kernel's rules for a port that is asked for by its
// number (inet_csk_bind_conflict, udp_lib_lport_inuse).
bool could_block(const HolderSocket& socket, const Request& request);

// The same of holders that were found by the address itself, without a bind table.
void judge_bound(const Request& request, std::vector<Holder>& holders);

// What blocks first; among equals a listener before a bound socket before a connection, a named
// process before none, and the oldest process first.
void order_holders(std::vector<Holder>& holders);

}  // namespace bindtrace
