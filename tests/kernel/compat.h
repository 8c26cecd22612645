// SPDX-License-Identifier: Apache-2.0
// bind and listen as a 32-bit program calls them, from this 64-bit one.
#pragma once

#include "sockets.h"

namespace bindtrace {

// Return 0 or errno.
int compat_bind(int fd, const SocketAddress& address);
int compat_listen(int fd);
// By socketcall(2), the one call of all socket calls.
int compat_socketcall_bind(int fd, const SocketAddress& address);
int compat_socketcall_listen(int fd);

// Whether this kernel takes 32-bit system calls: returns 0 or errno. A kernel that does not may end the process.
int try_compat();

}  // namespace bindtrace
