// SPDX-License-Identifier: Apache-2.0
// Diagnostics go to stderr through spdlog; stdout carries results only.
#pragma once

#include <spdlog/spdlog.h>

namespace bindtrace {

// Makes spdlog's default logger write escaped lines "bindtrace: level: text" to stderr, and where that is the journal
// "<priority>text". From any thread.
// verbosity 0 shows info and worse, 1 (-v) debug too, 2 (-vv) everything.
void start_logging(int verbosity);

}  // namespace bindtrace
