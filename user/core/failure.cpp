// SPDX-License-Identifier: Apache-2.0
#include "core/failure.h"

namespace bindtrace {

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
