// SPDX-License-Identifier: Apache-2.0
#include "child.h"

#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <utility>

#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "settings.h"
#include "sockets.h"

namespace bindtrace {
namespace {

constexpr double kAnswerSeconds = 20;

// Descriptors 0 to 2 and `fd` stay open.
void close_all_but(int fd) {
  const unsigned int last = ~0U;
  must(syscall(SYS_close_range, 3U, static_cast<unsigned int>(fd) - 1, 0U) == 0 || fd == 3, "close_range");
  must(syscall(SYS_close_range, static_cast<unsigned int>(fd) + 1, last, 0U) == 0, "close_range");
}

[[noreturn]] void run(const Netns& netns, const std::string& comm, int line, const Child::Body& body) {
  must(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0, "prctl(PR_SET_PDEATHSIG)");
  netns.enter();
  close_all_but(line);
  must(prctl(PR_SET_NAME, comm.c_str()) == 0, "prctl(PR_SET_NAME)");
  try {
    body(Line(line));
  } catch (const std::exception& error) {
    errno = 0;
    must(false, error.what());
  }
  _exit(0);
}

}  // namespace

void Line::send(const void* value, size_t size) const {
  must(::send(fd_, value, size, MSG_NOSIGNAL) == static_cast<ssize_t>(size), "tell the test");
}

void Line::wait_for_release() const {
  char released = 0;
  if (recv(fd_, &released, sizeof(released), 0) != sizeof(released)) {
    _exit(0);
  }
}

Child::Child(const Netns& netns, const std::string& comm, const Body& body) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    throw std::runtime_error("socketpair failed");
  }
  line_ = Fd(ends[0]);
  const Fd other(ends[1]);
  pid_ = fork();
  if (pid_ < 0) {
    throw std::runtime_error("fork failed");
  }
  if (pid_ == 0) {
    run(netns, comm, other.get(), body);
  }
}

Child::Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, -1)), line_(std::move(other.line_)) {}

Child::~Child() {
  kill_and_reap(pid_);
}

void Child::receive(void* value, size_t size) {
  pollfd poll_line{line_.get(), POLLIN, 0};
  if (poll(&poll_line, 1, static_cast<int>(time_limit(kAnswerSeconds).count())) != 1) {
    throw std::runtime_error("a process of the scenario does not answer");
  }
  if (recv(line_.get(), value, size, 0) != static_cast<ssize_t>(size)) {
    throw std::runtime_error("a process of the scenario ended before it answered");
  }
}

void Child::release() {
  const char released = 1;
  if (send(line_.get(), &released, sizeof(released), MSG_NOSIGNAL) != sizeof(released)) {
    throw std::runtime_error("a process of the scenario is gone already");
  }
}

int Child::join() {
  const int status = wait_for_exit(pid_, kAnswerSeconds);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void send_signal(pid_t pid, int signal) {
  if (pid <= 1) {
    throw std::logic_error("no process to signal: " + std::to_string(pid));
  }
  kill(pid, signal);
}

void kill_and_reap(pid_t pid) noexcept {
  if (pid > 1) {
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
  }
}

int wait_for_exit(pid_t pid, double seconds) {
  const Fd pidfd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  pollfd poll_exit{pidfd.get(), POLLIN, 0};
  if (!pidfd.open() || poll(&poll_exit, 1, static_cast<int>(time_limit(seconds).count())) != 1) {
    throw std::runtime_error("process " + std::to_string(pid) + " does not end");
  }
  int status = 0;
  if (waitpid(pid, &status, 0) != pid) {
    throw std::runtime_error("waitpid failed");
  }
  return status;
}

}  // namespace bindtrace
