// SPDX-License-Identifier: Apache-2.0
// Evidence that several causes rest on, in words.
#pragma once

#include "core/facts.h"

namespace bindtrace {

// That this process had the socket, and whether it was that socket that refused.
void tell_how_seen(const Facts& facts, const Holder& holder, Diagnosis& diagnosis);

// That the port is one of outgoing connections, and how to keep it from being chosen for them.
void explain_client_port(const Facts& facts, Diagnosis& diagnosis);

constexpr Certainty certain_if(bool certain) {
  return certain ? Certainty::kCertain : Certainty::kLikely;
}

}  // namespace bindtrace
