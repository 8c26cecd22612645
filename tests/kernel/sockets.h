// SPDX-License-Identifier: Apache-2.0
// Sockets as the scenarios want them: made, bound and listened on in one line each.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <sys/socket.h>

#include "fd.h"

namespace bindtrace {

enum class Transport { kTcp, kMptcp, kUdp, kUdplite, kIcmp, kSctp };

struct Endpoint {
  std::string address;  // IPv6 if it has a colon
  uint16_t port = 0;    // the identifier of the echo requests, if ICMP
};

// An address as system calls take it.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;

  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};
SocketAddress address_of(const Endpoint& endpoint);

struct SocketOptions {
  bool reuseaddr = false;
  bool reuseport = false;
  std::optional<bool> v6only = std::nullopt;  // the kernel's default
};

// What a scenario does with one socket.
struct Request {
  Transport transport = Transport::kTcp;
  Endpoint endpoint;
  SocketOptions options;
};

// These end the calling process with a message when they fail: they run in children of the test.
Fd make_socket(const Request& request);
void bind_socket(int fd, const SocketAddress& address);
void bind_socket(int fd, const Endpoint& endpoint);
void listen_on(int fd);
Fd connect_to(const Endpoint& endpoint);
Fd accept_from(int listener);
// A socket bound to the request's endpoint; TCP and MPTCP listen too.
Fd serve(const Request& request);
uint64_t inode_of(int fd);

// Return 0 or errno.
int try_bind(int fd, const SocketAddress& address);
int try_bind(int fd, const Endpoint& endpoint);
int try_listen(int fd);

// Ends the calling process with "`what`: strerror(errno)" unless `good`.
void must(bool good, const char* what);

}  // namespace bindtrace
