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

// One for each of failure.sockets, by the kernel's rules (core/conflict.h). Where by these none of them blocks, one
// that overlaps may still have: it has changed since.
std::vector<BlockingVerdict> judge_sockets(const Failure& failure);

// Whether a socket may refuse such a request now; also where that is not known.
bool could_block(const HolderSocket& socket, const Request& request);

// The same of holders that were found by the address itself, without a bind table.
void judge_bound(const Request& request, std::vector<Holder>& holders);

// What blocks first; among equals a listener before a bound socket before a connection, a named
// process before none, and the oldest process first.
void order_holders(std::vector<Holder>& holders);

}  // namespace bindtrace
