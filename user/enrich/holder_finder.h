// SPDX-License-Identifier: Apache-2.0
// Puts processes to the sockets on the port: those the kernel side named, checked and completed, and
// for sockets where it named nobody, those that /proc shows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
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
#include "enrich/time_budget.h"

namespace bindtrace {

struct HolderFindings {
  std::vector<Holder> holders;  // what blocks first
  HolderStatus status = HolderStatus::kNone;
  std::optional<std::string> reason;
};

class HolderFinder {
 public:
  struct Options {
    std::filesystem::path proc_root;
    std::function<Instant()> clocks;
    std::size_t fds_per_owner = 1024;  // looked at in a process that the kernel saw with the socket
    std::size_t fds_per_binder = 65'536;
    std::size_t fds_per_search = 262'144;
    // What searches may take, where the kernel saw nobody: this part of the time that passes, saved up to the limit.
    std::uint64_t search_divisor = 20;  // 5 % of one core
    std::int64_t search_limit_ns = 1'000'000'000;
    // And further descriptors, where it saw one.
    std::uint64_t courtesy_divisor = 50;  // 2 %
    std::int64_t courtesy_limit_ns = 100'000'000;
  };

  HolderFinder(Options options, ProcessReader& processes);

  HolderFindings find(const Failure& failure, const Process& victim);

 private:
  // A process that has, or bound, one of the sockets.
  struct Candidate {
    Process process;
    FdsByInode fds;
    std::set<std::uint64_t> seen;   // inodes that it had in the kernel's eyes, during the failing call
    std::set<std::uint64_t> bound;  // inodes that it made the bind of
  };

  Process process_of(const Task& task, const Process& victim);
  Candidate& candidate_for(const Task& task, const Process& victim, std::vector<Candidate>& candidates);
  void add_present_fds(const std::set<std::uint64_t>& inodes, Candidate& candidate);
  std::vector<Candidate> candidates_from_kernel(const Failure& failure, const Process& victim,
                                                const std::set<std::uint64_t>& inodes);
  std::optional<FdSearch> search_within_budget(const std::set<std::uint64_t>& inodes);
  ProcfsOutcome search_procfs(const std::set<std::uint64_t>& inodes, const Process& victim,
                              std::vector<Candidate>& candidates);
  void add_from_procfs(const Process& victim, const FdSearch& search, std::vector<Candidate>& candidates);
  static std::vector<Holder> holders_of(const HolderSocket& socket, const BlockingVerdict& verdict,
                                        const std::vector<Candidate>& candidates);

  Options options_;
  ProcessReader& processes_;
  TimeBudget searches_;
  TimeBudget courtesy_;
};

}  // namespace bindtrace
