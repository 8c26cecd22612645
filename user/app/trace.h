// SPDX-License-Identifier: Apache-2.0
// `bindtrace trace`: watch and explain until a signal, a limit or the reader ends it.
#pragma once

#include "base/result.h"
#include "cli/options.h"
#include "probe/probe.h"

namespace bindtrace {

// Whether there was a failure.
Result<bool> trace(const Options& options);

// Attached, for the victims that the options ask for.
Result<Probe> start_probe(const Options& options);

}  // namespace bindtrace
