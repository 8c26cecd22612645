// SPDX-License-Identifier: Apache-2.0
#include "calls.h"

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <stdexcept>

namespace bindtrace::bench {
namespace {

constexpr std::uint16_t kTakenPort = 45998;

}  // namespace

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int bind_to(int fd, const sockaddr_in& address) {
  return ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

void bind_and_close(int type, std::uint16_t port) {
  const int fd = ::socket(AF_INET, type, 0);
  bind_to(fd, loopback(port));
  ::close(fd);
}

RefusedBind::RefusedBind()
    : holder_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)),
      victim_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)),
      address_(loopback(kTakenPort)) {
  if (bind_to(holder_.get(), address_) != 0) {
    throw std::runtime_error("cannot bind a port of an empty network namespace");
  }
}

double ns_per_call(int calls, const std::function<void()>& call) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < calls; i++) {
    call();
  }
  return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count() / calls;
}

void leave_network_namespace() {
  if (::unshare(CLONE_NEWNET) != 0) {
    throw std::runtime_error("cannot make a network namespace: run it as root");
  }
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq loopback_up{};
  std::strcpy(loopback_up.ifr_name, "lo");
  loopback_up.ifr_flags = IFF_UP;
  if (::ioctl(socket.get(), SIOCSIFFLAGS, &loopback_up) != 0) {
    throw std::runtime_error("cannot set up the loopback device of a new network namespace");
  }
}

FirstInLine::FirstInLine() {
  const sched_param first{.sched_priority = 1};
  ::sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &first);
}

FirstInLine::~FirstInLine() {
  const sched_param usual{};
  ::sched_setscheduler(0, SCHED_OTHER, &usual);
}

}  // namespace bindtrace::bench
