// SPDX-License-Identifier: Apache-2.0
#include "app/waiter.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>

namespace bindtrace {
namespace {

bool watch(const UniqueFd& epoll, const UniqueFd& fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  return ::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd.get(), &event) == 0;
}

timespec to_timespec(std::chrono::nanoseconds length) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(length);
  return {.tv_sec = seconds.count(), .tv_nsec = (length - seconds).count()};
}

}  // namespace

Waiter::Waiter(UniqueFd signals, UniqueFd grace, UniqueFd cancel)
    : signals_(std::move(signals)), grace_(std::move(grace)), cancel_(std::move(cancel)) {}

Result<Waiter> Waiter::create() {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  UniqueFd signals(::signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK));
  UniqueFd grace(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  UniqueFd cancel(::epoll_create1(EPOLL_CLOEXEC));
  if (!signals.valid() || !grace.valid() || !cancel.valid() || !watch(cancel, signals) || !watch(cancel, grace)) {
    return fail_errno(errno, "set up the event loop");
  }
  return Waiter(std::move(signals), std::move(grace), std::move(cancel));
}

Result<bool> Waiter::wait(int records_fd, std::optional<Clock::time_point> until) {
  pollfd waiting[] = {{records_fd, POLLIN, 0}, {signals_.get(), POLLIN, 0}};
  timespec left{};
  if (until) {
    left = to_timespec(std::max(*until - Clock::now(), Clock::duration::zero()));
  }
  if (::ppoll(waiting, 2, until ? &left : nullptr, nullptr) < 0 && errno != EINTR) {
    return fail_errno(errno, "wait for records");
  }
  signalfd_siginfo signal{};
  return ::read(signals_.get(), &signal, sizeof signal) != sizeof signal;
}

void Waiter::start_grace_period(std::chrono::milliseconds length) {
  itimerspec once{};
  once.it_value = to_timespec(length);
  ::timerfd_settime(grace_.get(), 0, &once, nullptr);
}

}  // namespace bindtrace
