// SPDX-License-Identifier: Apache-2.0
// The parts of scenarios that go on after a failure: holders that let go, and victims that try again.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <sys/types.h>

#include "scenario.h"

namespace bindtrace {

// When it happened, by the clock of the process that did it (CLOCK_REALTIME).
struct Span {
  int64_t before_ns = 0;
  int64_t after_ns = 0;
};
Span span_of(const std::function<void()>& act);
Span span_of(const Tried& tried);

// Ends a process of the scenario by SIGKILL.
Span kill_and_wait(Child& child);

// A holder that closes its socket when it is told to, and lives on.
struct Closer {
  Child child;
  Held held;

  Span close();
};
Closer close_later(const Netns& netns, const std::function<Fd()>& open_socket);

// A victim that tries once at once, and again whenever it is told to.
class Retrier {
 public:
  Retrier(const Netns& netns, const std::function<Tried()>& attempt, const std::string& comm = "bt-victim");

  [[nodiscard]] const Tried& first() const { return first_; }
  [[nodiscard]] pid_t pid() const { return first_.pid; }
  Tried again();

 private:
  Child child_;
  Tried first_;
};

}  // namespace bindtrace
