// SPDX-License-Identifier: Apache-2.0
// A network namespace by the file that stands for it, as /proc/PID/ns/net or what `ip netns` makes.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace bindtrace {

// Its inode number. An error says why there is none, without the path.
Result<std::uint32_t> netns_at(const std::string& path);

}  // namespace bindtrace
