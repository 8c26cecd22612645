// SPDX-License-Identifier: Apache-2.0
// bind and listen by io_uring, each through a ring of its own that makes that one request.
#pragma once

#include <sys/types.h>

#include "sockets.h"

namespace bindtrace {

// Which task the kernel does it in.
enum class Submission {
  kInline,  // the caller
  kAsync,   // a worker (IOSQE_ASYNC)
  kSqpoll,  // the thread that polls the submission queue
};

struct RingAnswer {
  int error = 0;  // 0 or errno
  pid_t tid = 0;  // of that task
};
RingAnswer ring_bind(int fd, const SocketAddress& address, Submission submission);
RingAnswer ring_listen(int fd, Submission submission);

// Whether this kernel's io_uring binds and listens (since 6.11): returns 0 or errno.
int try_ring_bind();

}  // namespace bindtrace
