// SPDX-License-Identifier: Apache-2.0
// A process with a pid of one's choice: a pid becomes another process's at once.
#pragma once

#include <sys/types.h>

namespace bindtrace {

// As fork(), with that pid in the initial namespace (clone3(2), set_tid). -1 with errno EEXIST: it is somebody's.
pid_t fork_as(pid_t pid);

// A pid that nobody has just now, among the highest. Throws std::runtime_error.
pid_t free_pid();

}  // namespace bindtrace
