// SPDX-License-Identifier: Apache-2.0
#include "app/command.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <utility>

#include "app/signals.h"

namespace bindtrace {
namespace {

constexpr std::array kPassedOn{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};
constexpr int kNotYet = -1;

// What the signal handlers know.
std::atomic<int> command_pidfd{-1};
std::atomic<pid_t> command_pid{0};
std::atomic<int> command_status{kNotYet};  // as of wait(2)
static_assert(std::atomic<int>::is_always_lock_free);

extern "C" void pass_on(int signal, siginfo_t* info, void* /*context*/) {
  const int saved = errno;
  if (info->si_code <= 0) {  // a process sent it
    ::syscall(SYS_pidfd_send_signal, command_pidfd.load(), signal, nullptr, 0);
  }
  errno = saved;
}

extern "C" void reap(int /*signal*/) {
  const int saved = errno;
  int status = 0;
  pid_t pid = 0;
  while ((pid = ::waitpid(-1, &status, WNOHANG)) > 0) {
    if (pid == command_pid) {
      command_status = status;
    }
  }
  errno = saved;
}

void pass_signals_on() {
  struct sigaction action {};
  action.sa_sigaction = pass_on;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  for (const int signal : kPassedOn) {
    if (!is_ignored(signal)) {
      ::sigaction(signal, &action, nullptr);
    }
  }
}

void reap_children() {
  struct sigaction action {};
  action.sa_handler = reap;
  action.sa_flags = SA_RESTART | SA_NOCLDSTOP;
  ::sigaction(SIGCHLD, &action, nullptr);
  reap(SIGCHLD);  // what has ended before
}

[[noreturn]] void become(const std::vector<std::string>& argv, int told_fd) {
  std::vector<char*> words;
  words.reserve(argv.size() + 1);
  for (const std::string& word : argv) {
    words.push_back(const_cast<char*>(word.c_str()));  // NOLINT(cppcoreguidelines-pro-type-const-cast): execvp's type
  }
  words.push_back(nullptr);
  ::execvp(words[0], words.data());
  const int error = errno;
  (void)!::write(told_fd, &error, sizeof error);
  ::_exit(127);
}

}  // namespace

Result<Command> Command::start(const std::vector<std::string>& argv) {
  const std::string doing = "run '" + argv.at(0) + "'";
  std::array<int, 2> ends{};
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1) != 0 || ::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return fail_errno(errno, doing);
  }
  const UniqueFd told(ends[0]);
  UniqueFd telling(ends[1]);
  const pid_t pid = ::fork();
  if (pid < 0) {
    return fail_errno(errno, doing);
  }
  if (pid == 0) {
    become(argv, telling.get());
  }
  telling.reset();
  int error = 0;
  ssize_t heard = 0;
  while ((heard = ::read(told.get(), &error, sizeof error)) < 0 && errno == EINTR) {
  }
  if (heard > 0) {
    ::waitpid(pid, nullptr, 0);
    return fail_errno(error, doing);
  }
  UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));  // not reaped yet, so it is this one
  if (!pidfd.valid()) {
    return fail_errno(errno, "watch the command that runs");
  }
  command_pid = pid;
  command_pidfd = pidfd.get();
  pass_signals_on();
  reap_children();
  return Command(std::move(pidfd));
}

int Command::wait() const {
  pollfd ended{pidfd_.get(), POLLIN, 0};
  while (command_status == kNotYet) {
    ::poll(&ended, 1, -1);
    reap(SIGCHLD);  // the descriptor may be readable before the signal has come
  }
  const int status = command_status;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int status_of_failed_start(const Error& error) {
  return error.os_error == ENOENT ? 127 : 126;
}

}  // namespace bindtrace
