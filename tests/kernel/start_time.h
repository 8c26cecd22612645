// SPDX-License-Identifier: Apache-2.0
// When a process started, as /proc tells it: by the tick, since boot.
#pragma once

#include <cstdint>

#include <sys/types.h>
#include <nlohmann/json.hpp>

namespace bindtrace {

uint64_t start_ticks(pid_t pid);

// Whether a start time of a record is within that tick. The clocks are compared anew: a few milliseconds are allowed.
bool is_within_tick(const nlohmann::json& start_time, uint64_t ticks);

}  // namespace bindtrace
