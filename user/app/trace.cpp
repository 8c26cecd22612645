// SPDX-License-Identifier: Apache-2.0
#include "app/trace.h"

#include <malloc.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "app/choices.h"
#include "app/probe_options.h"
#include "app/tracing.h"
#include "app/waiter.h"
#include "enrich/host_facts.h"
#include "enrich/preemption.h"
#include "sink/render.h"

namespace bindtrace {

Result<Probe> start_probe(const Options& options) {
  if (!(options.filter.cgroups.empty() && options.filter.units.empty()) && !has_unified_cgroups("/proc")) {
    spdlog::warn("this host has no unified cgroup hierarchy (v2): --cgroup and --unit match nothing here");
  }
  auto probe = Probe::start(probe_options(options, programs_may_be_preempted(preemption_sources())));
  ::malloc_trim(0);  // the start reads the kernel's type information, some 15 MiB that are free again
  return probe;
}

Result<bool> trace(const Options& options) {
  auto exporters = Exporters::open(options);
  if (!exporters) {
    return tl::unexpected(exporters.error());
  }
  auto probe = start_probe(options);
  if (!probe) {
    return tl::unexpected(probe.error());
  }
  // Only now: until here nothing was promised, and a signal ends us at once, the kernel's way.
  auto waiter = Waiter::create(STDOUT_FILENO, exporters->empty() ? Waiter::Hangup::kEnds : Waiter::Hangup::kReopens);
  if (!waiter) {
    return tl::unexpected(waiter.error());
  }
  const Tracing::Output output{STDOUT_FILENO, renderer(options, STDOUT_FILENO)};
  Tracing tracing(options, output, *std::move(exporters), std::move(*waiter), std::move(*probe));
  const auto done = tracing.run();
  spdlog::info("{}", render_tally(tracing.account()));
  const bool reader_has_gone = !done && done.error().os_error == EPIPE;  // nobody is left to tell
  if (!done && !reader_has_gone) {
    return tl::unexpected(done.error());
  }
  return tracing.account().stats.attempted > 0;
}

}  // namespace bindtrace
