// SPDX-License-Identifier: Apache-2.0
// What was recorded with `bindtrace -j`: the facts of each record that a report needs.
#pragma once

#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace bindtrace {

enum class MomentKind { kFailure, kSummary, kReleased, kBound, kLost, kStarted, kStopped };

// Who wanted or had the address.
struct Party {
  std::string name;   // what it stays through restarts: unit, else container, else program, else comm
  std::string label;  // "nginx[811]"
};

// All text is as in the records: names from outside, not escaped for any output.
struct Moment {
  MomentKind kind = MomentKind::kFailure;
  std::int64_t unix_ns = 0;
  std::string host;            // empty: not recorded
  std::string address;         // "tcp 0.0.0.0:80"; empty: of no address
  std::uint64_t netns = 0;     // inode number
  std::string story;           // the episode's id, else the record's own
  std::uint64_t failures = 0;  // of the story until then
  Party victim;                // of kBound: who got it
  std::optional<Party> holder;
  std::optional<std::int64_t> held_since_ns;  // when the holder bound it
  std::string cause;
  std::string certainty;
  std::string message;
  std::optional<std::int64_t> released_after_ms;
  std::uint64_t lost = 0;  // of kLost, like suppressed
  std::uint64_t suppressed = 0;
};

struct Recording {
  std::vector<Moment> moments;        // by time
  std::uint64_t lines = 0;            // that are not empty
  std::uint64_t unreadable = 0;       // no JSON, or not a record of ours
  bool torn = false;                  // the last line of a file is not whole: it was being written
  std::uint64_t newer = 0;            // records of a newer minor version: read as far as they are known
  std::uint64_t from_the_future = 0;  // of another major version: not read
};

// Adds the records of a file; call sort() when all are there. Any Error: nothing in it can be read as records.
Result<void> add_lines(std::istream& lines, const std::string& name, Recording& recording);
void sort_by_time(Recording& recording);

}  // namespace bindtrace
