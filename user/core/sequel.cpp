// SPDX-License-Identifier: Apache-2.0
#include "core/sequel.h"

namespace bindtrace {

std::string_view to_string(LetGo how) {
  switch (how) {
    case LetGo::kExited:
      return "exited";
    case LetGo::kClosed:
      return "closed";
    case LetGo::kTimeWaitEnded:
      return "time_wait_ended";
    case LetGo::kConnectionEnded:
      return "connection_ended";
    case LetGo::kFileRemoved:
      return "file_removed";
    case LetGo::kUnknown:
      break;
  }
  return "unknown";
}

}  // namespace bindtrace
