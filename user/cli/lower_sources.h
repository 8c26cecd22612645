// SPDX-License-Identifier: Apache-2.0
// What the command line does not say: from the environment, and what that does not say either from the configuration
// file.
#pragma once

#include "cli/definitions.h"

namespace bindtrace {

// The file that is read where --check-config names none.
inline constexpr const char* kConfigFile = "/etc/bindtrace/bindtrace.toml";

// After app's parse, which has filled `typed`; `command` null: trace. An unknown key of the file is an error, an
// unknown variable is not ours.
Result<void> take_lower_sources(CLI::App& app, const Command* command, Typed& typed, const Environment& environment,
                                const Host& host);

}  // namespace bindtrace
