// SPDX-License-Identifier: Apache-2.0
// Of two times that may be absent the one that comes first.
#pragma once

#include <algorithm>
#include <optional>

namespace bindtrace {

template <typename Time>
std::optional<Time> earlier(const std::optional<Time>& one, const std::optional<Time>& other) {
  return one && other ? std::min(one, other) : one ? one : other;
}

}  // namespace bindtrace
