// SPDX-License-Identifier: Apache-2.0
#include "enrich/bound_finder.h"

#include <algorithm>
#include <optional>
#include <string>

#include "core/blocking.h"
#include "enrich/holder_status.h"
#include "enrich/victim_path.h"

namespace bindtrace {

bool BoundFinder::is_for(const Failure& failure) {
  const Endpoint& wanted = failure.request.endpoint;
  const bool known = wanted.name || wanted.port.value_or(0) != 0;
  return !failure.walked && known && wanted.transport != Transport::kUnknown;
}

// One holder for each process and socket.
std::vector<Holder> BoundFinder::holders_of(const std::vector<Holding>& holdings, const Failure& failure,
                                            const Process& victim) {
  const Request& request = failure.request;
  std::vector<Holder> holders;
  for (const Holding& holding : holdings) {
    if (holding.socket.inode == request.inode) {
      continue;  // the socket that could not be bound
    }
    const auto known = std::find_if(holders.begin(), holders.end(), [&](const Holder& holder) {
      return holder.socket.inode == holding.socket.inode && holder.process->pid == holding.task.pid &&
             holder.process->start_boottime_ns == holding.task.start_boottime_ns;
    });
    if (known != holders.end()) {
      known->fds.push_back(holding.fd);
      continue;
    }
    Holder& holder = holders.emplace_back();
    holder.socket = holding.socket;
    if (!is_ip(request.endpoint.transport)) {
      holder.socket.local = request.endpoint;
    }
    holder.process = processes_.complete(holding.task, failure.head.key.ktime_ns, victim);
    holder.fds = {holding.fd};
    holder.source = HolderSource::kIterator;
    holder.seen_after_ns = sockets_.ended_after_ns(failure);
  }
  return holders;
}

HolderFindings BoundFinder::find(const Failure& failure, const Process& victim) {
  const Request& request = failure.request;
  HolderFindings findings;
  SocketsBoundTo query{request, std::nullopt};
  std::optional<SearchOutcome> outcome;
  std::optional<Result<VictimPath>> path;
  if (is_path(request.endpoint)) {
    path = open_victim_path(proc_root_, processes_, failure);
    if (*path) {
      findings.path_file = (*path)->kind;
      if ((*path)->file.valid()) {
        query.file = (*path)->file.get();
      }
    } else {
      outcome = SearchOutcome{path->error().message};
    }
  }
  // A file that is gone, or out of our sight, still has its name in the socket that made it.
  const bool by_file = path && *path && (*path)->kind == PathFile::kSocket;
  const bool by_name =
      !path || (request.endpoint.name->front() == '/' && (!*path || (*path)->kind == PathFile::kNothing));
  if (by_file || by_name) {
    const auto holdings = sockets_.find(query, request.endpoint.transport, failure);
    if (holdings) {
      findings.holders = holders_of(*holdings, failure, victim);
      judge_bound(request, findings.holders);
      outcome = outcome.value_or(SearchOutcome{});
    } else {
      outcome = SearchOutcome{holdings.error().message};
    }
  }
  order_holders(findings.holders);
  HolderVerdict verdict = judge_holders(failure, findings.holders, outcome, findings.path_file);
  findings.status = verdict.status;
  findings.reason = std::move(verdict.reason);
  return findings;
}

}  // namespace bindtrace
