// SPDX-License-Identifier: Apache-2.0
#include "core/cost.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

namespace bindtrace {
namespace {

struct Spread {
  double median = 0;
  double error = 0;  // standard error of the median
};

// By the middle half of the samples: a few that met an interruption must not count. Of a normal distribution its width
// is 1.349 standard deviations, and the median's standard error is 1.253 times that of the mean.
Spread spread_of(std::vector<double> samples) {
  constexpr double kErrorPerWidth = 1.253 / 1.349;
  std::sort(samples.begin(), samples.end());
  const std::size_t last = samples.size() - 1;
  const double width = samples[last - last / 4] - samples[last / 4];
  return {samples[last / 2], kErrorPerWidth * width / std::sqrt(static_cast<double>(samples.size()))};
}

}  // namespace

bool CallCost::is_told() const {
  return std::abs(traced_ns - untraced_ns) > noise_ns;
}

CallCost compare(std::string call, std::uint64_t calls_per_sample, Samples samples) {
  constexpr double kStandardErrors = 1.96;
  const std::uint64_t calls = calls_per_sample * samples.traced_ns.size();
  const Spread untraced = spread_of(std::move(samples.untraced_ns));
  const Spread traced = spread_of(std::move(samples.traced_ns));
  return {.call = std::move(call),
          .calls = calls,
          .untraced_ns = untraced.median,
          .traced_ns = traced.median,
          .noise_ns = kStandardErrors * std::hypot(untraced.error, traced.error)};
}

}  // namespace bindtrace
