// SPDX-License-Identifier: Apache-2.0
#include "app/probe_options.h"

#include <cstdint>
#include <optional>

#include "core/filter.h"

namespace bindtrace {
namespace {

constexpr std::uint32_t kDefaultRingBytes = 2U << 20U;  // the reader's memory holds it twice

std::optional<Tier> forced_tier(AttachChoice choice) {
  switch (choice) {
    case AttachChoice::kAuto:
      return std::nullopt;
    case AttachChoice::kFexit:
      return Tier::kFexit;
    case AttachChoice::kKprobe:
      return Tier::kKprobe;
    case AttachChoice::kTracepoint:
      return Tier::kTracepoint;
  }
  return std::nullopt;
}

}  // namespace

Probe::Options probe_options(const Options& options, bool programs_may_be_preempted) {
  return {.tier = forced_tier(options.attach),
          .preemptible = programs_may_be_preempted,
          .ring_bytes = options.ring_bytes.value_or(kDefaultRingBytes),
          .bound_by = options.bound_by,
          .filter = encode(options.filter)};
}

}  // namespace bindtrace
