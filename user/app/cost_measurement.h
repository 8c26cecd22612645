// SPDX-License-Identifier: Apache-2.0
// What the running tier costs on this machine right now.
#pragma once

#include "base/result.h"
#include "core/cost.h"
#include "probe/probe.h"

namespace bindtrace {

// Makes the same calls with the probe attached and detached, in turn, for about a second at most. Leaves it detached.
// The binds are of a free port of 127.0.0.1 and succeed. An Error where they do not, as without a loopback device.
Result<Cost> measure_cost(Probe& probe);

}  // namespace bindtrace
