// SPDX-License-Identifier: Apache-2.0
#include "app/signals.h"

#include <csignal>

namespace bindtrace {

bool is_ignored(int signal) {
  struct sigaction action {};
  return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace bindtrace
