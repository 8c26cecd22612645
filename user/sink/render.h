// SPDX-License-Identifier: Apache-2.0
// The forms of output: a causal block, a line, a JSON line. Pure; all names from outside are escaped.
#pragma once

#include <string>

#include "core/event.h"

namespace bindtrace {

// Times are of the local zone. Agent records render to nothing: the app tells them on stderr.
std::string render_text(const Event& event, bool colour);
std::string render_line(const Event& event, bool colour);

// One object, then "\n". Strings are valid UTF-8; unknown is null.
std::string render_json(const Event& event);

// "12 failures: 12 seen, 0 suppressed, 0 lost (ring 0, map 0, output 0)", with filters then "; 3 filtered"
std::string render_tally(const AgentStopped& stopped);

}  // namespace bindtrace
