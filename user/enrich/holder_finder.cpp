// SPDX-License-Identifier: Apache-2.0
#include "enrich/holder_finder.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace bindtrace {
namespace {

// The sockets that can have a process and can have refused.
std::set<std::uint64_t> blocking_inodes(const Failure& failure) {
  std::set<std::uint64_t> inodes;
  for (const HolderSocket& socket : failure.sockets) {
    if (socket.overlaps && socket.inode && !socket.kernel_socket) {
      inodes.insert(*socket.inode);
    }
  }
  return inodes;
}

HolderSource source_of(std::uint64_t inode, const std::set<std::uint64_t>& seen, const std::set<std::uint64_t>& bound) {
  return seen.contains(inode)    ? HolderSource::kKernelAtFailure
         : bound.contains(inode) ? HolderSource::kOwnerMap
                                 : HolderSource::kProcfs;
}

void merge_fds(std::vector<std::uint32_t>& fds, const std::vector<std::uint32_t>& more) {
  fds.insert(fds.end(), more.begin(), more.end());
  std::sort(fds.begin(), fds.end());
  fds.erase(std::unique(fds.begin(), fds.end()), fds.end());
}

}  // namespace

HolderFinder::HolderFinder(Options options, ProcessReader& processes)
    : options_(std::move(options)),
      processes_(processes),
      searches_(options_.clocks, options_.search_divisor, options_.search_limit_ns),
      courtesy_(options_.clocks, options_.courtesy_divisor, options_.courtesy_limit_ns) {}

Process HolderFinder::process_of(const Task& task, const Process& victim) {
  const bool is_victim =
      task.pid == victim.pid && processes_.same_tick(task.start_boottime_ns, victim.start_boottime_ns);
  return is_victim ? victim : processes_.complete(task);
}

// The scan and the owner map may both name one process.
HolderFinder::Candidate& HolderFinder::candidate_for(const Task& task, const Process& victim,
                                                     std::vector<Candidate>& candidates) {
  const auto known = std::find_if(candidates.begin(), candidates.end(), [&](const Candidate& candidate) {
    return candidate.process.pid == task.pid && candidate.process.start_boottime_ns == task.start_boottime_ns;
  });
  if (known != candidates.end()) {
    return *known;
  }
  return candidates.emplace_back(Candidate{process_of(task, victim), {}, {}, {}});
}

// The record holds a sample of the descriptors, and says nothing of sockets that were not looked for.
void HolderFinder::add_present_fds(const std::set<std::uint64_t>& inodes, Candidate& candidate) {
  // Where the kernel saw one, more are a courtesy; where it saw none, this is the only answer.
  const bool seen = !candidate.fds.empty();
  TimeBudget& budget = seen ? courtesy_ : searches_;
  const auto dir = processes_.open(candidate.process.pid, candidate.process.start_boottime_ns);
  if (!dir || budget.spent()) {
    return;
  }
  const std::size_t limit = seen ? options_.fds_per_owner : options_.fds_per_binder;
  const auto present = budget.pay_for([&] { return find_fds(*dir, inodes, limit); });
  if (!present) {
    return;
  }
  for (const auto& [inode, fds] : *present) {
    merge_fds(candidate.fds[inode], fds);
  }
}

std::vector<HolderFinder::Candidate> HolderFinder::candidates_from_kernel(const Failure& failure, const Process& victim,
                                                                          const std::set<std::uint64_t>& inodes) {
  std::vector<Candidate> candidates;
  for (const Owner& owner : failure.owners) {
    Candidate& candidate = candidate_for(owner.task, victim, candidates);
    for (const OwnedSocket& socket : owner.sockets) {
      if (owner.source == OwnerSource::kScan) {
        candidate.seen.insert(socket.inode);
        merge_fds(candidate.fds[socket.inode], socket.fds);
      } else {
        candidate.bound.insert(socket.inode);
      }
    }
  }
  for (Candidate& candidate : candidates) {
    add_present_fds(inodes, candidate);
  }
  return candidates;
}

std::optional<FdSearch> HolderFinder::search_within_budget(const std::set<std::uint64_t>& inodes) {
  if (!processes_.sees_pids() || searches_.spent()) {
    return std::nullopt;
  }
  return searches_.pay_for([&] { return find_everywhere(options_.proc_root, inodes, options_.fds_per_search); });
}

void HolderFinder::add_from_procfs(const Process& victim, const FdSearch& search, std::vector<Candidate>& candidates) {
  for (const auto& [pid, fds] : search.by_pid) {
    const auto task = processes_.task_from_proc(pid);
    const auto dir = task ? processes_.open(pid, task->start_boottime_ns) : std::nullopt;
    if (!dir) {
      continue;
    }
    // Another process may have got the pid since it was listed: ask again, now that the start is known.
    FdsByInode again = still_open(*dir, fds);
    if (again.empty()) {
      continue;
    }
    const auto known = std::find_if(candidates.begin(), candidates.end(), [&](const Candidate& candidate) {
      return candidate.process.pid == task->pid &&
             processes_.same_tick(candidate.process.start_boottime_ns, task->start_boottime_ns);
    });
    Candidate& candidate =
        known != candidates.end() ? *known : candidates.emplace_back(Candidate{process_of(*task, victim), {}, {}, {}});
    candidate.fds.merge(again);
  }
}

// Everyone who has the socket; else its dead binder, the best name there is; else nobody.
std::vector<Holder> HolderFinder::holders_of(const HolderSocket& socket, const BlockingVerdict& verdict,
                                             const std::vector<Candidate>& candidates) {
  Holder blank;
  blank.socket = socket;
  blank.blocking = verdict.blocking;
  blank.rule = verdict.rule;
  if (!socket.inode) {
    return {blank};
  }
  const auto binder = std::find_if(candidates.begin(), candidates.end(),
                                   [&](const Candidate& candidate) { return candidate.bound.contains(*socket.inode); });
  if (binder != candidates.end()) {
    const Process& process = binder->process;
    blank.bound_by = BoundBy{process.pid, process.comm, process.alive, std::nullopt};
  }
  std::vector<Holder> holders;
  for (const Candidate& candidate : candidates) {
    if (const auto fds = candidate.fds.find(*socket.inode); fds != candidate.fds.end()) {
      Holder& holder = holders.emplace_back(blank);
      holder.process = candidate.process;
      holder.fds = fds->second;
      holder.source = source_of(*socket.inode, candidate.seen, candidate.bound);
    }
  }
  if (holders.empty() && binder != candidates.end() && binder->process.alive == false) {
    blank.process = binder->process;
    blank.source = HolderSource::kOwnerMap;
  }
  if (holders.empty()) {
    holders.push_back(std::move(blank));
  }
  return holders;
}

ProcfsOutcome HolderFinder::search_procfs(const std::set<std::uint64_t>& inodes, const Process& victim,
                                          std::vector<Candidate>& candidates) {
  const auto search = search_within_budget(inodes);
  if (!search) {
    return {.over_budget = true};
  }
  add_from_procfs(victim, *search, candidates);
  return {.denied = search->denied, .cut = search->cut};
}

HolderFindings HolderFinder::find(const Failure& failure, const Process& victim) {
  const std::set<std::uint64_t> inodes = blocking_inodes(failure);
  std::vector<Candidate> candidates = candidates_from_kernel(failure, victim, inodes);
  std::set<std::uint64_t> unowned = inodes;
  for (const Candidate& candidate : candidates) {
    for (const auto& [inode, fds] : candidate.fds) {
      unowned.erase(inode);
    }
  }
  std::optional<ProcfsOutcome> procfs;
  if (!unowned.empty()) {
    procfs = search_procfs(unowned, victim, candidates);
  }
  HolderFindings findings;
  const std::vector<BlockingVerdict> verdicts = judge_sockets(failure);
  for (std::size_t i = 0; i < failure.sockets.size(); ++i) {
    auto holders = holders_of(failure.sockets[i], verdicts[i], candidates);
    std::move(holders.begin(), holders.end(), std::back_inserter(findings.holders));
  }
  order_holders(findings.holders);
  HolderVerdict verdict = judge_holders(failure, findings.holders, procfs);
  findings.status = verdict.status;
  findings.reason = std::move(verdict.reason);
  return findings;
}

}  // namespace bindtrace
