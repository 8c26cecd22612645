// SPDX-License-Identifier: Apache-2.0
// A forked process of a scenario, and the line over which it and the test tell each other values.
#pragma once

#include <csignal>
#include <cstddef>
#include <functional>
#include <string>
#include <type_traits>

#include <sys/types.h>

#include "fd.h"
#include "netns.h"

namespace bindtrace {

// The child's end. Its process ends when the test's end is closed while it listens.
class Line {
 public:
  explicit Line(int fd) : fd_(fd) {}

  template <typename T>
  void tell(const T& value) const {
    static_assert(std::is_trivially_copyable_v<T>);
    send(&value, sizeof(value));
  }
  void wait_for_release() const;
  [[nodiscard]] int fd() const { return fd_; }

 private:
  void send(const void* value, size_t size) const;

  int fd_;
};

class Child {
 public:
  using Body = std::function<void(const Line&)>;

  // Runs `body` in a new process named `comm` in `netns`; its only descriptors are 0 to 2 and the line.
  Child(const Netns& netns, const std::string& comm, const Body& body);
  Child(Child&& other) noexcept;
  Child& operator=(Child&&) = delete;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();  // kills and reaps

  [[nodiscard]] pid_t pid() const { return pid_; }

  // The child's next value. Throws std::runtime_error if the child ends first or takes too long.
  template <typename T>
  T hear() {
    static_assert(std::is_trivially_copyable_v<T>);
    T value;
    receive(&value, sizeof(value));
    return value;
  }
  // Lets the child's wait_for_release() return.
  void release();
  // Waits until the child has ended by itself and returns its exit status; throws if it takes too long.
  int join();

 private:
  void receive(void* value, size_t size);

  pid_t pid_ = -1;
  Fd line_;
};

// kill(), but never on a group or on everything: throws std::logic_error unless `pid` is one process, and not
// process 1.
void send_signal(pid_t pid, int signal);

// A process that does nothing meanwhile.
class Stopped {
 public:
  explicit Stopped(pid_t pid) : pid_(pid) { send_signal(pid, SIGSTOP); }
  Stopped(const Stopped&) = delete;
  Stopped& operator=(const Stopped&) = delete;
  ~Stopped() { kill(pid_, SIGCONT); }

 private:
  pid_t pid_;
};

// Ends a child of this process at once; does nothing unless `pid` is one.
void kill_and_reap(pid_t pid) noexcept;

// Waits for a child of this process; returns its status as waitpid does. Throws std::runtime_error at the
// time limit.
int wait_for_exit(pid_t pid, double seconds);

}  // namespace bindtrace
