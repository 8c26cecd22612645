// SPDX-License-Identifier: Apache-2.0
#include "sockets.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

namespace bindtrace {
namespace {

constexpr int kBacklog = 4096;
constexpr int kFailedChild = 70;

bool is_ipv6(const Endpoint& endpoint) {
  return endpoint.address.find(':') != std::string::npos;
}

void set_option(int fd, int level, int name, int value) {
  must(setsockopt(fd, level, name, &value, sizeof(value)) == 0, "setsockopt");
}

struct Protocol {
  int type;
  int number;
};
Protocol protocol_of(Transport transport, int family) {
  switch (transport) {
    case Transport::kTcp:
      return {SOCK_STREAM, IPPROTO_TCP};
    case Transport::kMptcp:
      return {SOCK_STREAM, IPPROTO_MPTCP};
    case Transport::kUdp:
      return {SOCK_DGRAM, IPPROTO_UDP};
    case Transport::kUdplite:
      return {SOCK_DGRAM, IPPROTO_UDPLITE};
    case Transport::kIcmp:
      return {SOCK_DGRAM, family == AF_INET ? int{IPPROTO_ICMP} : int{IPPROTO_ICMPV6}};
    case Transport::kSctp:
      break;
  }
  return {SOCK_STREAM, IPPROTO_SCTP};
}

bool listens(Transport transport) {
  return transport == Transport::kTcp || transport == Transport::kMptcp;
}

}  // namespace

void must(bool good, const char* what) {
  if (!good) {
    std::fprintf(stderr, "process %d of a scenario: %s: %s\n", getpid(), what,
                 std::generic_category().message(errno).c_str());
    _exit(kFailedChild);
  }
}

SocketAddress address_of(const Endpoint& endpoint) {
  SocketAddress result;
  if (is_ipv6(endpoint)) {
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&result.storage);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(endpoint.port);
    must(inet_pton(AF_INET6, endpoint.address.c_str(), &v6->sin6_addr) == 1, "inet_pton");
    result.length = sizeof(*v6);
  } else {
    auto* v4 = reinterpret_cast<sockaddr_in*>(&result.storage);
    v4->sin_family = AF_INET;
    v4->sin_port = htons(endpoint.port);
    must(inet_pton(AF_INET, endpoint.address.c_str(), &v4->sin_addr) == 1, "inet_pton");
    result.length = sizeof(*v4);
  }
  return result;
}

Fd make_socket(const Request& request) {
  const int family = is_ipv6(request.endpoint) ? AF_INET6 : AF_INET;
  const Protocol protocol = protocol_of(request.transport, family);
  Fd fd(socket(family, protocol.type, protocol.number));
  must(fd.open(), "socket");
  if (request.options.reuseaddr || request.transport == Transport::kIcmp) {  // ICMP sockets are made with it set
    set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, request.options.reuseaddr ? 1 : 0);
  }
  if (request.options.reuseport) {
    set_option(fd.get(), SOL_SOCKET, SO_REUSEPORT, 1);
  }
  if (request.options.v6only) {
    set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, *request.options.v6only ? 1 : 0);
  }
  return fd;
}

int try_bind(int fd, const SocketAddress& address) {
  return bind(fd, address.get(), address.length) == 0 ? 0 : errno;
}

int try_bind(int fd, const Endpoint& endpoint) {
  return try_bind(fd, address_of(endpoint));
}

int try_listen(int fd) {
  return listen(fd, kBacklog) == 0 ? 0 : errno;
}

void bind_socket(int fd, const SocketAddress& address) {
  errno = try_bind(fd, address);
  must(errno == 0, "bind");
}

void bind_socket(int fd, const Endpoint& endpoint) {
  bind_socket(fd, address_of(endpoint));
}

void listen_on(int fd) {
  errno = try_listen(fd);
  must(errno == 0, "listen");
}

Fd serve(const Request& request) {
  Fd fd = make_socket(request);
  bind_socket(fd.get(), request.endpoint);
  if (listens(request.transport)) {
    listen_on(fd.get());
  }
  return fd;
}

Fd connect_to(const Endpoint& endpoint) {
  Fd fd = make_socket({Transport::kTcp, endpoint, {}});
  const SocketAddress address = address_of(endpoint);
  must(connect(fd.get(), address.get(), address.length) == 0, "connect");
  return fd;
}

Fd accept_from(int listener) {
  Fd fd(accept(listener, nullptr, nullptr));
  must(fd.open(), "accept");
  return fd;
}

uint64_t inode_of(int fd) {
  struct stat status {};
  must(fstat(fd, &status) == 0, "fstat");
  return status.st_ino;
}

}  // namespace bindtrace
