// SPDX-License-Identifier: Apache-2.0
// What the command line asks of the probe; the same for every command that starts one.
#pragma once

#include "cli/options.h"
#include "probe/probe.h"

namespace bindtrace {

Probe::Options probe_options(const Options& options, bool programs_may_be_preempted);

}  // namespace bindtrace
