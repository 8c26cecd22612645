// SPDX-License-Identifier: Apache-2.0
// `bindtrace who`: who has an address now, and whether a bind of it would succeed. Binds nothing itself.
#pragma once

#include "base/result.h"
#include "cli/options.h"
#include "core/occupancy.h"

namespace bindtrace {

// Prints the answer to stdout.
Result<Prospect> who(const Options& options);

}  // namespace bindtrace
