// SPDX-License-Identifier: Apache-2.0
// A recording as stories: who wanted an address, who had it, how often it was tried, and when it was freed. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "report/recording.h"

namespace bindtrace {

// Tries of an address until that moment: each is one failure or, in a summary, all since the last.
struct Tries {
  std::int64_t unix_ns = 0;
  std::uint64_t failures = 0;
};

// The failures of one victim at one address against one holder, and what became of it.
struct Story {
  std::string host;
  std::string address;
  std::uint64_t netns = 0;
  Party victim;
  std::optional<Party> holder;
  std::optional<std::int64_t> held_since_ns;
  std::string cause;
  std::string certainty;
  std::string message;  // of the first failure
  std::int64_t first_ns = 0;
  std::int64_t last_ns = 0;  // failure that is known
  std::uint64_t failures = 0;
  std::vector<Tries> tries;
  std::optional<std::int64_t> released_ns;
  std::optional<std::int64_t> released_after_ms;
  std::string released_message;
  std::optional<std::int64_t> bound_ns;
  std::string bound_label;
  std::string bound_message;
};

// A time in which bindtrace recorded.
struct Run {
  std::string host;
  std::int64_t start_ns = 0;
  std::optional<std::int64_t> end_ns;  // absent: it did not say that it ended
};

using Ranking = std::vector<std::pair<std::string, std::uint64_t>>;  // by failures, the most first

struct Report {
  std::vector<Story> stories;  // by first failure
  std::vector<Run> runs;
  std::uint64_t failures = 0;
  std::uint64_t lost = 0;
  std::uint64_t suppressed = 0;
  std::optional<std::int64_t> begin_ns;  // of the first and the last record
  std::optional<std::int64_t> end_ns;
  Recording recording;  // how it could be read; without moments
};

Report report_of(Recording recording);

// By what `name_of` says of a story; what has no name is left out.
Ranking ranking(const std::vector<Story>& stories, std::string (*name_of)(const Story&));
std::string address_name(const Story& story);
std::string victim_name(const Story& story);
std::string holder_name(const Story& story);
std::string cause_name(const Story& story);

// What the report cannot know, in sentences: times without bindtrace, losses, lines that could not be read.
std::vector<std::string> gaps(const Report& report);

// The times until an address was free, the middle one and the longest; absent: none was freed.
struct TimesToFree {
  std::size_t count = 0;
  std::int64_t median_ms = 0;
  std::int64_t longest_ms = 0;
};
std::optional<TimesToFree> times_to_free(const std::vector<Story>& stories);

}  // namespace bindtrace
