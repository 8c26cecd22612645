// SPDX-License-Identifier: Apache-2.0
// Puts processes to the sockets on the port: those that the kernel side named in the failing call, checked and
// completed, and for sockets where it named nobody, those that have them now.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "core/blocking.h"
#include "core/incident.h"
#include "enrich/fd_search.h"
#include "enrich/holder_status.h"
#include "enrich/process_reader.h"
#include "enrich/socket_finder.h"
#include "enrich/time_budget.h"

namespace bindtrace {

struct HolderFindings {
  std::vector<Holder> holders;  // what blocks first
  HolderStatus status = HolderStatus::kNone;
  std::optional<std::string> reason;
  std::optional<PathFile> path_file{};
};

class HolderFinder {
 public:
  struct Options {
    std::function<Instant()> clocks;
    bool whole_port = false;  // see Enricher::Options
    // Looking for further descriptors in a process that the kernel saw with the socket is a courtesy.
    std::size_t fds_per_owner = 1024;
    std::uint64_t courtesy_divisor = 50;  // 2 % of one core
    std::int64_t courtesy_limit_ns = 100'000'000;
  };

  HolderFinder(const Options& options, ProcessReader& processes, SocketFinder& sockets);

  HolderFindings find(const Failure& failure, const Process& victim);

 private:
  struct Seen {
    HolderSource source;
    std::optional<std::uint64_t> after_ns;
  };
  // A process that has one of the sockets.
  struct Candidate {
    Process process;
    FdsByInode fds{};
    std::map<std::uint64_t, Seen> seen{};  // of those fds: how they were found first
    std::map<std::uint64_t, bool>
        closed_since{};  // of inodes that it had during the failing call, where it can be told
  };

  Candidate& candidate_for(const Task& task, const Failure& failure, const Process& victim,
                           std::vector<Candidate>& candidates);
  void add_present_fds(const std::set<std::uint64_t>& inodes, const Failure& failure, Candidate& candidate);
  std::vector<Candidate> candidates_from_kernel(const Failure& failure, const Process& victim,
                                                const std::set<std::uint64_t>& inodes);
  SearchOutcome search(const std::set<std::uint64_t>& inodes, const Failure& failure, const Process& victim,
                       std::vector<Candidate>& candidates);
  static std::vector<Holder> holders_of(const HolderSocket& socket, const BlockingVerdict& verdict,
                                        const std::vector<Candidate>& candidates);

  std::function<Instant()> clocks_;
  std::size_t fds_per_owner_;
  bool whole_port_;
  ProcessReader& processes_;
  SocketFinder& sockets_;
  TimeBudget courtesy_;
};

}  // namespace bindtrace
