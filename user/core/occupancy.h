// SPDX-License-Identifier: Apache-2.0
// Who has an address now, and what would become of a bind of it: the answer of `bindtrace who`. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/incident.h"

namespace bindtrace {

// Of a bind, as far as other sockets matter: whether the address is local, and the port allowed, is not asked.
enum class Prospect { kFree, kInUse, kUnknown };

// By the options of the socket that would make it.
struct Outlook {
  Endpoint endpoint;
  Prospect plain = Prospect::kUnknown;
  std::optional<Prospect> reuseaddr;  // with SO_REUSEADDR; absent: without effect in that family
};

struct Occupancy {
  Endpoint asked;  // address absent: any
  // As if the bind had failed, with what is on the port; where any address was asked for, the one that meets most.
  Incident found;
  std::vector<Outlook> outlooks;  // one an address, never empty
};

// `found` has the request, the sockets and the holders.
Outlook outlook_of(const Incident& found);

// In use when any of the addresses is, free when all of them are.
Prospect prospect_of(const Occupancy& occupancy);

// "free", "in_use"; "unknown"
std::string_view to_string(Prospect prospect);

// "tcp port 80", "tcp 127.0.0.1:80", "unix /run/app.sock"
std::string asked_words(const Endpoint& asked);

}  // namespace bindtrace
