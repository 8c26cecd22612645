// SPDX-License-Identifier: Apache-2.0
// What `bindtrace who` is asked about, as it is typed. Pure.
#pragma once

#include <string>

#include "base/result.h"
#include "core/endpoint.h"

namespace bindtrace {

// "80", "*:80", "127.0.0.1:80", "[::1]:80", each also with "/udp" and the like (tcp where none is given); a path that
// begins with "/" or "."; "@name" for an abstract unix address. The address is absent where any is meant. An Error is
// ErrorKind::kUsage, one line that names input and remedy.
Result<Endpoint> parse_target(const std::string& text);

}  // namespace bindtrace
