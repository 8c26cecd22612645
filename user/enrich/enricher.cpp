// SPDX-License-Identifier: Apache-2.0
#include "enrich/enricher.h"

#include <utility>

#include "enrich/holder_finder.h"
#include "enrich/process_reader.h"

namespace bindtrace {

struct Enricher::State {
  explicit State(const Options& options)
      : clocks(options.clocks),
        processes({options.proc_root, options.etc_root / "passwd", options.ticks_per_second, options.show_args,
                   options.own_pid}),
        holders({options.proc_root, options.clocks}, processes) {}

  std::function<Instant()> clocks;
  ProcessReader processes;
  HolderFinder holders;  // refers to processes
};

Enricher::Enricher(const Options& options) : state_(std::make_unique<State>(options)) {}

Enricher::~Enricher() = default;

Incident Enricher::enrich(Failure failure) {
  Incident incident;
  incident.victim = state_->processes.complete(failure.victim);
  HolderFindings findings = state_->holders.find(failure, incident.victim);
  incident.holders = std::move(findings.holders);
  incident.holder_status = findings.status;
  incident.holder_reason = std::move(findings.reason);
  incident.failure = std::move(failure);
  const Instant now = state_->clocks();
  incident.clock = BootClock(now);
  incident.observed_boottime_ns = now.boottime_ns;
  return incident;
}

}  // namespace bindtrace
