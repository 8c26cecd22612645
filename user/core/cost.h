// SPDX-License-Identifier: Apache-2.0
// What tracing adds to a call, from samples with and without it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bindtrace {

// Of one kind of call; times are of one call.
struct CallCost {
  std::string call;
  std::uint64_t calls = 0;  // that were made with tracing, and as many without
  double untraced_ns = 0;   // medians of the samples
  double traced_ns = 0;
  double noise_ns = 0;  // by so much the difference of the medians may be chance, 19 times in 20

  [[nodiscard]] bool is_told() const;
};

struct Cost {
  unsigned rounds = 0;  // how often tracing was switched off and on
  std::vector<CallCost> calls;
};

// The time of one call in each sample, as many of either kind, at least one.
struct Samples {
  std::vector<double> untraced_ns;
  std::vector<double> traced_ns;
};

CallCost compare(std::string call, std::uint64_t calls_per_sample, Samples samples);

}  // namespace bindtrace
