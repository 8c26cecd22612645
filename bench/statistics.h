// SPDX-License-Identifier: Apache-2.0
// What many measurements of one thing come to.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace bindtrace::bench {

// The value that `part` (0 to 1) of them do not exceed. There must be one.
inline double quantile(std::vector<double> values, double part) {
  std::sort(values.begin(), values.end());
  const auto at = static_cast<std::size_t>(part * static_cast<double>(values.size()));
  return values[std::min(at, values.size() - 1)];
}

inline double median(const std::vector<double>& values) {
  return quantile(values, 0.5);
}

}  // namespace bindtrace::bench
