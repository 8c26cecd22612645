// SPDX-License-Identifier: Apache-2.0
#include "enrich/exits.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace bindtrace {
namespace {

constexpr std::size_t kMaxProcesses = 256;  // a process may have 1,024 descriptors by default

bool is_readable(int fd) {
  pollfd asked{fd, POLLIN, 0};
  return ::poll(&asked, 1, 0) == 1;
}

}  // namespace

Exits::Exits() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}

void Exits::mind(const Identity& process, const IsAlive& is_alive) {
  if (processes_.size() >= kMaxProcesses || processes_.contains(process)) {
    return;
  }
  UniqueFd fd(static_cast<int>(::syscall(SYS_pidfd_open, process.first, 0)));
  if (!fd.valid() || !is_alive(process.first, process.second)) {
    return;
  }
  epoll_event event{};
  event.events = EPOLLIN;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd.get(), &event) == 0) {
    processes_.emplace(process, std::move(fd));
  }
}

std::vector<Exits::Identity> Exits::take() {
  std::vector<Identity> exited;
  if (!is_readable(epoll_.get())) {
    return exited;
  }
  for (auto next = processes_.begin(); next != processes_.end();) {
    const auto process = next++;
    if (is_readable(process->second.get())) {
      exited.push_back(process->first);
      processes_.erase(process);
    }
  }
  return exited;
}

void Exits::forget_unless(const std::function<bool(const Identity&)>& wanted) {
  std::erase_if(processes_, [&](const auto& process) { return !wanted(process.first); });
}

}  // namespace bindtrace
