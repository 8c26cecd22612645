// SPDX-License-Identifier: Apache-2.0
// Failures of one victim at one address against one holder are one story: told at first, then summed up. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/incident.h"

namespace bindtrace {

// What of a story was not told one by one.
struct EpisodeSummary {
  Incident latest;  // explained, without its sockets
  EventKey first;
  std::uint64_t attempt = 0;   // all failures of the story
  std::uint64_t repeats = 0;   // of these, those since the last record
  std::uint64_t since_ns = 0;  // the last record
  std::uint64_t ktime_ns = 0;
};

class Episodes {
 public:
  struct Options {
    std::size_t stories = 1024;                   // beyond it the one that was quiet for longest ends, and is counted
    std::uint64_t quiet_ns = 86'400'000'000'000;  // after so long without a failure another one is another story
  };

  explicit Episodes(Options options) : options_(options) {}

  // In the order of their failures.
  EpisodePlace add(const Incident& incident);

  // Those that are due: ten seconds, a minute and ten minutes after the first failure, then each hour, where there were
  // repeats since; and those of stories that had to end.
  std::vector<EpisodeSummary> take_due(std::uint64_t now_ns);
  // What is untold of the stories about this address, before it is told what became of it.
  std::vector<EpisodeSummary> take_of(const Endpoint& endpoint, std::uint32_t netns, std::uint64_t now_ns);
  // What is untold of all.
  std::vector<EpisodeSummary> take_all(std::uint64_t now_ns);
  // Absent: nothing is untold.
  [[nodiscard]] std::optional<std::uint64_t> next_due_ns() const;

  [[nodiscard]] std::uint64_t evicted() const { return evicted_; }

 private:
  struct Story {
    std::string key;
    Incident latest;
    EventKey first;
    std::uint64_t attempt = 0;
    std::uint64_t untold = 0;
    std::uint64_t told_ns = 0;  // the last record
  };

  [[nodiscard]] static std::uint64_t due_ns(const Story& story);
  static EpisodeSummary sum_up(Story& story, std::uint64_t now_ns);
  void end_oldest();

  Options options_;
  std::list<Story> stories_;  // the last that failed at the end
  std::vector<EpisodeSummary> ended_;
  std::uint64_t evicted_ = 0;
};

}  // namespace bindtrace
