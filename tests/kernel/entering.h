// SPDX-License-Identifier: Apache-2.0
// A tracer inside a network namespace.
#pragma once

#include <memory>

#include <fcntl.h>
#include <sched.h>

#include "fd.h"
#include "netns.h"
#include "sockets.h"
#include "tracer.h"

namespace bindtrace {

// Makes the tracer's process enter `netns`. By a high descriptor: low ones are the tracer's own.
inline BeforeExec entering(const Netns& netns) {
  constexpr int kHigh = 64;
  const auto fd = std::make_shared<Fd>(fcntl(netns.fd(), F_DUPFD_CLOEXEC, kHigh));
  return [fd] { must(setns(fd->get(), CLONE_NEWNET) == 0, "setns"); };
}

}  // namespace bindtrace
