// SPDX-License-Identifier: Apache-2.0
// `bindtrace report FILE...`: what happened, from recordings. Needs no privilege and no kernel.
#pragma once

#include "base/result.h"
#include "cli/options.h"

namespace bindtrace {

// The report goes to stdout, with options.html_file as a page to that file instead.
Result<void> report_recordings(const Options& options);

}  // namespace bindtrace
