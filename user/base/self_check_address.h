// SPDX-License-Identifier: Apache-2.0
// The loopback address on which bindtrace provokes its own failures at start. It has no other use, so
// that a bindtrace that runs already can tell another one's check from a conflict.
#pragma once

#include <array>
#include <cstdint>

namespace bindtrace {

inline constexpr std::array<std::uint8_t, 4> kSelfCheckAddress{127, 98, 116, 1};

}  // namespace bindtrace
