// SPDX-License-Identifier: Apache-2.0
// Follows up what was shown: brings the kernel side, exits and files together with the pure FollowUp.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <vector>

#include "base/unique_fd.h"
#include "core/event.h"
#include "core/follow_up.h"
#include "enrich/exits.h"
#include "enrich/file_removals.h"
#include "enrich/process_reader.h"
#include "probe/probe.h"

namespace bindtrace {

class Follower {
 public:
  Follower(Probe& probe, const ProcessReader::Options& processes);

  void add(const Incident& incident);
  void add(Sighting sighting);

  // What has happened. Sightings wait until the failures before them have been added: `oldest_unshown_ns` is the first
  // that has not.
  std::vector<Event> work(std::optional<std::uint64_t> oldest_unshown_ns);
  // When to call work() again, and what is readable when it is to be called earlier. Absent: nothing is followed.
  [[nodiscard]] std::optional<std::uint64_t> next_work_ns() const;
  [[nodiscard]] int fd() const { return epoll_.get(); }
  [[nodiscard]] FollowUpStats stats() const;

 private:
  void note_exits(std::uint64_t now_ns);
  void note_removals(std::uint64_t now_ns);
  void note_sightings(std::uint64_t end_ns);
  void tell_programs(bool failures_are_pending);
  void tend_hooks(std::uint64_t now_ns);
  void forget_the_rest();

  Probe& probe_;
  ProcessReader processes_;
  FollowUp follow_up_;
  Exits exits_;
  FileRemovals removals_;
  UniqueFd epoll_;  // of both
  std::deque<Sighting> sightings_;
  std::set<std::uint16_t> ports_;  // what the programs were told
  bool hooks_attached_ = false;
  std::optional<std::uint64_t> hooks_idle_since_ns_;
  std::uint64_t ended_ = 0;    // addresses, when the rest was forgotten
  std::uint64_t dropped_ = 0;  // sightings
};

}  // namespace bindtrace
