// SPDX-License-Identifier: Apache-2.0
// A look at a port without a failure: what the kernel side is asked, and its answer as a Failure.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "base/result.h"
#include "core/failure.h"

namespace bindtrace {

// Asks the kernel side for its walk of a bind table.
using WalkPort = std::function<Result<std::vector<std::byte>>(std::span<const std::byte> query)>;

// The sockets on the port now, as if the request failed now; without a victim.
Result<Failure> look_at_port(const Request& request, const WalkPort& walk);

}  // namespace bindtrace
