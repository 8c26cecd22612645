// SPDX-License-Identifier: Apache-2.0
// A thread that takes no signals: they are the main thread's.
#pragma once

#include <csignal>
#include <thread>
#include <utility>

namespace bindtrace {

template <typename Work>
std::thread quiet_thread(Work work) {
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);  // a thread begins with its maker's mask
  std::thread thread(std::move(work));
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace bindtrace
