// SPDX-License-Identifier: Apache-2.0
// The finished records that sinks write.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/episode.h"
#include "core/incident.h"
#include "core/sequel.h"

namespace bindtrace {

struct AgentStarted {
  std::int64_t unix_ns = 0;
  std::string tier;
  std::shared_ptr<const HostFacts> host;
};

// attempted == emitted + suppressed + the sum of lost_*
struct Stats {
  std::uint64_t attempted = 0;   // failures that passed the filters in the kernel
  std::uint64_t emitted = 0;     // reached user space
  std::uint64_t suppressed = 0;  // too many of one user and cgroup, or beyond --max-events
  std::uint64_t lost_ring = 0;
  std::uint64_t lost_map = 0;
  std::uint64_t lost_output = 0;  // could not be written: the reader was too slow when we had to end
  std::uint64_t filtered = 0;     // failures that did not pass the filters: of no other number here
};

// Addresses that were followed up after a failure.
struct FollowUpStats {
  std::uint64_t watched = 0;
  std::uint64_t evicted = 0;  // given up, for there were too many
  std::uint64_t lost = 0;     // sightings that the ring had no room for
  std::uint64_t open = 0;     // held still, as far as seen
};

// Of one destination beside the output; each record of every kind is in one of the three.
struct ExportStats {
  std::string name;  // "file"
  std::uint64_t written = 0;
  std::uint64_t lost = 0;
  std::uint64_t queued = 0;  // still on their way
};

struct AgentStopped {
  std::int64_t unix_ns = 0;
  std::string tier;
  std::shared_ptr<const HostFacts> host;
  Stats stats;
  std::optional<std::uint64_t> missed;  // calls that the kernel skipped: an upper bound
  bool filtering = false;               // filters were set
  FollowUpStats follow_up;
  std::uint64_t episodes_evicted = 0;  // stories that were given up, for there were too many
  std::vector<ExportStats> exports;    // until then
};

// Failures that are not shown, since the last such record.
struct EventsLost {
  std::int64_t unix_ns = 0;
  std::string tier;
  std::shared_ptr<const HostFacts> host;
  std::uint64_t ring = 0;
  std::uint64_t map = 0;
  std::uint64_t suppressed = 0;  // one user and cgroup had too many
  std::uint64_t output = 0;      // records of any kind that the log that says so could not take
};

using Event = std::variant<Incident, EpisodeSummary, Released, Bound, AgentStarted, AgentStopped, EventsLost>;

}  // namespace bindtrace
