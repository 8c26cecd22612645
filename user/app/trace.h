// SPDX-License-Identifier: Apache-2.0
// `bindtrace trace`: from the ring to the output until a signal, a limit or the reader ends it.
#pragma once

#include "base/result.h"
#include "cli/options.h"

namespace bindtrace {

Result<void> trace(const Options& options);

}  // namespace bindtrace
