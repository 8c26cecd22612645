// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"

#include <cerrno>
#include <system_error>

namespace bindtrace {

tl::unexpected<Error> fail(ErrorKind kind, std::string message) {
  return tl::unexpected<Error>(Error{kind, 0, std::move(message)});
}

tl::unexpected<Error> fail_errno(int os_error, std::string_view doing) {
  const auto kind = os_error == EPERM || os_error == EACCES ? ErrorKind::kPrivilege : ErrorKind::kSystem;
  std::string message(doing);
  message += ": " + std::generic_category().message(os_error);
  return tl::unexpected<Error>(Error{kind, os_error, std::move(message)});
}

tl::unexpected<Error> with_context(Error error, std::string_view context) {
  error.message.insert(0, std::string(context) + ": ");
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace bindtrace
