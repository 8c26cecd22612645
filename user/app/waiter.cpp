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
#include <iterator>
#include <utility>
#include <vector>

#include "app/signals.h"

namespace bindtrace {
namespace {

constexpr const char* kDoing = "set up the event loop";

bool watch(const UniqueFd& epoll, int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  return ::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

timespec to_timespec(std::chrono::nanoseconds length) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(length);
  return {.tv_sec = seconds.count(), .tv_nsec = (length - seconds).count()};
}

// They are blocked from here on; invalid: errno says why.
UniqueFd receive(const std::vector<int>& signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) {
    sigaddset(&set, signal);
  }
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return UniqueFd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

// How many have come.
int take_signals(const UniqueFd& signals) {
  int count = 0;
  signalfd_siginfo signal{};
  while (::read(signals.get(), &signal, sizeof signal) == sizeof signal) {
    ++count;
  }
  return count;
}

}  // namespace

Waiter::Waiter(int output_fd, UniqueFd signals, int command_fd, UniqueFd timer, UniqueFd end)
    : output_fd_(output_fd),
      signals_(std::move(signals)),
      command_fd_(command_fd),
      timer_(std::move(timer)),
      end_(std::move(end)) {}

Result<Waiter> Waiter::create(int output_fd, Hangup hangup) {
  std::vector<int> ends{SIGINT, SIGTERM};
  UniqueFd reopens;
  if (hangup == Hangup::kReopens) {
    reopens = receive({SIGHUP});
  } else if (!is_ignored(SIGHUP)) {
    ends.push_back(SIGHUP);
  }
  UniqueFd signals = receive(ends);
  if (!signals.valid() || (hangup == Hangup::kReopens && !reopens.valid())) {
    return fail_errno(errno, kDoing);
  }
  auto waiter = create_with(output_fd, std::move(signals), -1);
  if (waiter) {
    waiter->hangup_ = std::move(reopens);
  }
  return waiter;
}

Result<Waiter> Waiter::create_for(const Command& command, int output_fd) {
  return create_with(output_fd, UniqueFd(), command.fd());
}

Result<Waiter> Waiter::create_with(int output_fd, UniqueFd signals, int command_fd) {
  std::signal(SIGPIPE, SIG_IGN);
  UniqueFd timer(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  UniqueFd end(::epoll_create1(EPOLL_CLOEXEC));
  const int what_ends = signals.valid() ? signals.get() : command_fd;
  if (!timer.valid() || !end.valid() || !watch(end, what_ends) || !watch(end, timer.get())) {
    return fail_errno(errno, kDoing);
  }
  return Waiter(output_fd, std::move(signals), command_fd, std::move(timer), std::move(end));
}

void Waiter::end_after(std::chrono::milliseconds length) {
  itimerspec once{};
  once.it_value = to_timespec(length);
  ::timerfd_settime(timer_.get(), 0, &once, nullptr);
}

bool Waiter::ended() const {
  pollfd asked{end_.get(), POLLIN, 0};
  return ::poll(&asked, 1, 0) > 0;
}

Result<void> Waiter::wait(int records_fd, int follow_up_fd, std::optional<Clock::time_point> until) {
  pollfd waiting[] = {{output_fd_, 0, 0},
                      {records_fd, POLLIN, 0},
                      {follow_up_fd, POLLIN, 0},
                      {end_.get(), POLLIN, 0},
                      {hangup_.get(), POLLIN, 0}};
  timespec left{};
  if (until) {
    left = to_timespec(std::max(*until - Clock::now(), Clock::duration::zero()));
  }
  if (::ppoll(waiting, std::size(waiting), until ? &left : nullptr, nullptr) < 0) {
    return errno == EINTR ? Result<void>() : fail_errno(errno, "wait for records");
  }
  if ((waiting[0].revents & (POLLERR | POLLHUP)) != 0) {
    return fail_errno(EPIPE, "write output");
  }
  return {};
}

bool Waiter::take_hangup() {
  return hangup_.valid() && take_signals(hangup_) > 0;
}

void Waiter::start_grace_period(std::chrono::milliseconds length) {
  if (command_fd_ >= 0) {
    ::epoll_ctl(end_.get(), EPOLL_CTL_DEL, command_fd_, nullptr);
  }
  take_signals(signals_);
  end_after(length);
}

}  // namespace bindtrace
