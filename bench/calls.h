// SPDX-License-Identifier: Apache-2.0
// System calls that are measured, one after the other, and what keeps other work out of the figures.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <cstdint>
#include <functional>

#include "base/unique_fd.h"

namespace bindtrace::bench {

sockaddr_in loopback(std::uint16_t port);
int bind_to(int fd, const sockaddr_in& address);
void bind_and_close(int type, std::uint16_t port);

// A bind that fails: `victim` asks for the udp port that `holder` has.
class RefusedBind {
 public:
  RefusedBind();
  void operator()() const { bind_to(victim_.get(), address_); }
  [[nodiscard]] std::uint16_t port() const { return ntohs(address_.sin_port); }

 private:
  UniqueFd holder_;
  UniqueFd victim_;
  sockaddr_in address_{};
};

double ns_per_call(int calls, const std::function<void()>& call);

// Nobody else has the ports of a network namespace of our own.
void leave_network_namespace();

// While it lives, this process gives the CPU to no program that only wants to run too: what a tracer does with its
// records comes later, or on another CPU. Its children are not meant. Without the right to it, of no effect.
class FirstInLine {
 public:
  FirstInLine();
  ~FirstInLine();
  FirstInLine(const FirstInLine&) = delete;
  FirstInLine& operator=(const FirstInLine&) = delete;
};

}  // namespace bindtrace::bench
