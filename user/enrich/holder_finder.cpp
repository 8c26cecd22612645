// SPDX-License-Identifier: Apache-2.0
#include "enrich/holder_finder.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace bindtrace {
namespace {

// The sockets that can have a process and, unless all are wanted, can have refused.
std::set<std::uint64_t> wanted_inodes(const Failure& failure, bool all) {
  std::set<std::uint64_t> inodes;
  for (const HolderSocket& socket : failure.sockets) {
    if ((socket.overlaps || all) && socket.inode && !socket.kernel_socket) {
      inodes.insert(*socket.inode);
    }
  }
  return inodes;
}

void merge_fds(std::vector<std::uint32_t>& fds, const std::vector<std::uint32_t>& more) {
  fds.insert(fds.end(), more.begin(), more.end());
  std::sort(fds.begin(), fds.end());
  fds.erase(std::unique(fds.begin(), fds.end()), fds.end());
}

// Absent: the scan's own record is not here.
std::optional<std::uint64_t> scan_time(const Failure& failure) {
  const std::uint64_t begin = failure.head.key.ktime_ns;
  return failure.scan.end_ktime_ns > begin ? std::optional(failure.scan.end_ktime_ns - begin) : std::nullopt;
}

}  // namespace

HolderFinder::HolderFinder(const Options& options, ProcessReader& processes, SocketFinder& sockets)
    : clocks_(options.clocks),
      fds_per_owner_(options.fds_per_owner),
      whole_port_(options.whole_port),
      processes_(processes),
      sockets_(sockets),
      courtesy_(options.clocks, options.courtesy_divisor, options.courtesy_limit_ns) {}

// Scan and search may name one process.
HolderFinder::Candidate& HolderFinder::candidate_for(const Task& task, const Failure& failure, const Process& victim,
                                                     std::vector<Candidate>& candidates) {
  const auto known = std::find_if(candidates.begin(), candidates.end(), [&](const Candidate& candidate) {
    return candidate.process.pid == task.pid && candidate.process.start_boottime_ns == task.start_boottime_ns;
  });
  if (known != candidates.end()) {
    return *known;
  }
  return candidates.emplace_back(Candidate{processes_.complete(task, failure.head.key.ktime_ns, victim)});
}

// The record holds a sample of the descriptors, and says nothing of sockets that were not looked for.
void HolderFinder::add_present_fds(const std::set<std::uint64_t>& inodes, const Failure& failure,
                                   Candidate& candidate) {
  const Process& process = candidate.process;
  if (candidate.fds.empty() || process.alive != true || courtesy_.spent()) {
    return;
  }
  const auto dir = processes_.open({process.pid, process.start_boottime_ns, failure.head.key.ktime_ns, process.comm});
  if (!dir) {
    return;
  }
  const auto look = [&] { return courtesy_.pay_for([&] { return find_fds(*dir, inodes, fds_per_owner_); }); };
  const auto present = look();
  if (!present) {
    return;
  }
  // A descriptor that moves while the table is read is seen in neither place.
  const bool all_there = std::all_of(candidate.seen.begin(), candidate.seen.end(),
                                     [&](const auto& seen) { return present->fds.contains(seen.first); });
  const auto again = all_there ? present : look();
  // Of a process whose first thread has exited it is another thread's table.
  const bool whole = dir->pid() == process.pid && present->whole && again && again->whole;
  for (const auto& [inode, seen] : candidate.seen) {
    const bool there = present->fds.contains(inode) || (again && again->fds.contains(inode));
    if (there || whole) {
      candidate.closed_since[inode] = !there;
    }
  }
  const std::uint64_t after_ns = clocks_().boottime_ns - failure.head.key.ktime_ns;
  for (const auto& [inode, fds] : (again ? again : present)->fds) {
    merge_fds(candidate.fds[inode], fds);
    candidate.seen.try_emplace(inode, Seen{HolderSource::kProcfs, after_ns});
  }
}

std::vector<HolderFinder::Candidate> HolderFinder::candidates_from_kernel(const Failure& failure, const Process& victim,
                                                                          const std::set<std::uint64_t>& inodes) {
  std::vector<Candidate> candidates;
  for (const Owner& owner : failure.owners) {
    Candidate& candidate = candidate_for(owner.task, failure, victim, candidates);
    for (const OwnedSocket& socket : owner.sockets) {
      candidate.seen.try_emplace(socket.inode, Seen{HolderSource::kKernelAtFailure, scan_time(failure)});
      merge_fds(candidate.fds[socket.inode], socket.fds);
    }
  }
  for (Candidate& candidate : candidates) {
    add_present_fds(inodes, failure, candidate);
  }
  return candidates;
}

// Everyone who has the socket; else nobody.
std::vector<Holder> HolderFinder::holders_of(const HolderSocket& socket, const BlockingVerdict& verdict,
                                             const std::vector<Candidate>& candidates) {
  Holder blank;
  blank.socket = socket;
  blank.blocking = verdict.blocking;
  blank.rule = verdict.rule;
  if (!socket.inode) {
    return {blank};
  }
  std::vector<Holder> holders;
  for (const Candidate& candidate : candidates) {
    if (const auto fds = candidate.fds.find(*socket.inode); fds != candidate.fds.end()) {
      Holder& holder = holders.emplace_back(blank);
      holder.process = candidate.process;
      holder.fds = fds->second;
      const Seen& seen = candidate.seen.at(*socket.inode);
      holder.source = seen.source;
      holder.seen_after_ns = seen.after_ns;
      if (const auto closed = candidate.closed_since.find(*socket.inode); closed != candidate.closed_since.end()) {
        holder.closed_since = closed->second;
      }
    }
  }
  if (holders.empty()) {
    holders.push_back(std::move(blank));
  }
  return holders;
}

SearchOutcome HolderFinder::search(const std::set<std::uint64_t>& inodes, const Failure& failure, const Process& victim,
                                   std::vector<Candidate>& candidates) {
  const auto holdings = sockets_.find(SocketsWithInodes{{inodes.begin(), inodes.end()}}, Transport::kUnknown, failure);
  if (!holdings) {
    return {.doubt = holdings.error().message};
  }
  for (const Holding& holding : *holdings) {
    if (holding.socket.inode) {
      Candidate& candidate = candidate_for(holding.task, failure, victim, candidates);
      merge_fds(candidate.fds[*holding.socket.inode], {holding.fd});
      candidate.seen.try_emplace(*holding.socket.inode,
                                 Seen{HolderSource::kIterator, sockets_.ended_after_ns(failure)});
    }
  }
  return {};
}

HolderFindings HolderFinder::find(const Failure& failure, const Process& victim) {
  const std::set<std::uint64_t> inodes = wanted_inodes(failure, whole_port_);
  std::vector<Candidate> candidates = candidates_from_kernel(failure, victim, inodes);
  // A scan of all processes leaves no more to look for than the sockets that it found nobody for.
  std::set<std::uint64_t> wanted = inodes;
  for (const Candidate& candidate : candidates) {
    for (const auto& [inode, fds] : candidate.fds) {
      if (failure.scan.status == ScanStatus::kComplete) {
        wanted.erase(inode);
      }
    }
  }
  std::optional<SearchOutcome> searched;
  if (!wanted.empty()) {
    searched = search(wanted, failure, victim, candidates);
  }
  HolderFindings findings;
  const std::vector<BlockingVerdict> verdicts = judge_sockets(failure);
  for (std::size_t i = 0; i < failure.sockets.size(); ++i) {
    auto holders = holders_of(failure.sockets[i], verdicts[i], candidates);
    std::move(holders.begin(), holders.end(), std::back_inserter(findings.holders));
  }
  order_holders(findings.holders);
  HolderVerdict verdict = judge_holders(failure, findings.holders, searched);
  findings.status = verdict.status;
  findings.reason = std::move(verdict.reason);
  return findings;
}

}  // namespace bindtrace
