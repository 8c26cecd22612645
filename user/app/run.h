// SPDX-License-Identifier: Apache-2.0
// `bindtrace run -- CMD`: a command and all that it starts, and in the end the story of what could not be bound.
#pragma once

#include "base/result.h"
#include "cli/options.h"

namespace bindtrace {

// The exit status: the command's; with options.exit_code 1 where that is 0 and there was a failure.
Result<int> run_command(const Options& options);

}  // namespace bindtrace
