// SPDX-License-Identifier: Apache-2.0
// `bindtrace doctor`: what this host allows, found by trying.
#pragma once

#include <optional>

#include "base/result.h"
#include "cli/options.h"

namespace bindtrace {

// Prints the checkup to stdout, also where no tier works: then the value says why, for the exit status of tracing.
// An Error: it could not be printed.
Result<std::optional<ErrorKind>> doctor(const Options& options);

}  // namespace bindtrace
