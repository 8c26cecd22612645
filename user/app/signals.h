// SPDX-License-Identifier: Apache-2.0
// How this process has been told to take signals.
#pragma once

namespace bindtrace {

// As nohup(1) sets it for SIGHUP.
bool is_ignored(int signal);

}  // namespace bindtrace
