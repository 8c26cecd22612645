// SPDX-License-Identifier: Apache-2.0
#include "core/failure.h"

#include <algorithm>

namespace bindtrace {

std::uint32_t count_if_all_are(const Failure& failure, SocketState state) {
  const bool all = !failure.walk_truncated && failure.by_state.size() == 1 && failure.by_state[0].state == state &&
                   failure.by_state[0].count == failure.socket_count;
  return all ? failure.socket_count : 0;
}

std::size_t owners_without_record(const Failure& failure) {
  const std::size_t found = failure.scan.owners_found;
  return found - std::min(found, failure.owners.size());
}

std::string_view to_string(Operation operation) {
  switch (operation) {
    case Operation::kBind:
      return "bind";
    case Operation::kListen:
      break;
  }
  return "listen";
}

std::string_view to_string(Entry entry) {
  switch (entry) {
    case Entry::kSyscall:
      return "syscall";
    case Entry::kCompat:
      return "compat";
    case Entry::kIoUring:
      return "io_uring";
    case Entry::kKernel:
      return "kernel";
    case Entry::kUnknown:
      break;
  }
  return "unknown";
}

std::string_view to_string(AddressSource source) {
  switch (source) {
    case AddressSource::kKernel:
      return "kernel";
    case AddressSource::kUser:
      break;
  }
  return "user";
}

}  // namespace bindtrace
