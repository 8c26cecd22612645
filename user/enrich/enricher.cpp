// SPDX-License-Identifier: Apache-2.0
#include "enrich/enricher.h"

#include <utility>

#include "enrich/bound_finder.h"
#include "enrich/holder_finder.h"
#include "enrich/process_reader.h"
#include "enrich/socket_finder.h"

namespace bindtrace {

struct Enricher::State {
  explicit State(const Options& options)
      : clocks(options.clocks),
        processes({options.proc_root, options.etc_root / "passwd", options.ticks_per_second, options.show_args,
                   options.own_pid}),
        sockets({options.search, options.clocks}),
        holders({options.clocks}, processes, sockets),
        bound(options.proc_root, processes, sockets) {}

  std::function<Instant()> clocks;
  ProcessReader processes;
  SocketFinder sockets;
  HolderFinder holders;  // these refer to the others
  BoundFinder bound;
};

Enricher::Enricher(const Options& options) : state_(std::make_unique<State>(options)) {}

Enricher::~Enricher() = default;

Incident Enricher::enrich(Failure failure) {
  Incident incident;
  incident.victim = state_->processes.complete(failure.victim);
  HolderFindings findings = BoundFinder::is_for(failure) ? state_->bound.find(failure, incident.victim)
                                                         : state_->holders.find(failure, incident.victim);
  incident.holders = std::move(findings.holders);
  incident.holder_status = findings.status;
  incident.holder_reason = std::move(findings.reason);
  incident.path_file = findings.path_file;
  incident.failure = std::move(failure);
  const Instant now = state_->clocks();
  incident.clock = BootClock(now);
  incident.observed_boottime_ns = now.boottime_ns;
  return incident;
}

}  // namespace bindtrace
