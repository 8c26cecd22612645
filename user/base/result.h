// SPDX-License-Identifier: Apache-2.0
// Result<T>: a value, or an Error that says what failed, on what, and what kind of trouble that is.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace bindtrace {

enum class ErrorKind {
  kSystem,       // the operating system refused; Error::os_error says why
  kUsage,        // the caller of the program asked for something that does not exist
  kPrivilege,    // a right is missing; the message names it
  kUnsupported,  // this kernel or build cannot do it
  kMalformed,    // input does not have the form it must have
  kInternal,     // ours: should not happen
};

struct Error {
  ErrorKind kind = ErrorKind::kInternal;
  int os_error = 0;     // errno, 0 where none applies
  std::string message;  // what we were doing, on what; outermost context first
};

// A subclass rather than an alias, so that dropping one is a warning.
template <typename T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
  // What map() and and_then() return.
  Result(tl::expected<T, Error> other) : tl::expected<T, Error>(std::move(other)) {}  // NOLINT(*-explicit-*)
};

// `return fail(ErrorKind::kMalformed, "...")` in a function that returns any Result.
tl::unexpected<Error> fail(ErrorKind kind, std::string message);

// For a failed system call: `doing` reads like "open /proc/1/stat"; the errno text is appended.
tl::unexpected<Error> fail_errno(int os_error, std::string_view doing);

// Puts "context: " in front; each layer does so at most once.
tl::unexpected<Error> with_context(Error error, std::string_view context);

}  // namespace bindtrace
