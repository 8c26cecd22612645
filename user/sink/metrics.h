// SPDX-License-Identifier: Apache-2.0
// Counters of what happened, as Prometheus reads them: docs/metrics.md has the names. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "core/event.h"

namespace bindtrace {

class Metrics {
 public:
  Metrics();

  // Each failure, also one that repeats a story.
  void count(const Incident& incident);
  // A record that is told.
  void note(const Event& event);

  // With what is not counted here: losses, the other destinations, the addresses that are still held.
  [[nodiscard]] std::string text(const AgentStopped& account) const;

 private:
  using Kind = std::tuple<Operation, Transport, Cause>;

  // From a failure to its finished record; upper bounds in milliseconds.
  struct Delays {
    static constexpr std::array<std::uint64_t, 10> kBoundsMs{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000};

    std::array<std::uint64_t, kBoundsMs.size()> up_to{};  // each counts what the ones before it count, too
    std::uint64_t count = 0;
    std::uint64_t sum_ns = 0;

    void add(std::uint64_t delay_ns);
  };

  // Those that are usual are there from the start: increase() of Prometheus does not see a counter appear.
  std::map<Kind, std::uint64_t> failures_;
  std::map<Cause, std::uint64_t> episodes_;
  std::map<HolderStatus, std::uint64_t> lookups_;
  Delays delays_;
  std::optional<std::int64_t> last_conflict_unix_ns_;
};

}  // namespace bindtrace
