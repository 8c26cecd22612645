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

struct Sockaddr {
  sockaddr_storage storage{};
  socklen_t length = 0;

  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

bool is_ipv6(const Endpoint& endpoint) {
  return endpoint.address.find(':') != std::string::npos;
}

Sockaddr sockaddr_of(const Endpoint& endpoint) {
  Sockaddr result;
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

void set_option(int fd, int level, int name, int value) {
  must(setsockopt(fd, level, name, &value, sizeof(value)) == 0, "setsockopt");
}

}  // namespace

void must(bool good, const char* what) {
  if (!good) {
    std::fprintf(stderr, "process %d of a scenario: %s: %s\n", getpid(), what,
                 std::generic_category().message(errno).c_str());
    _exit(kFailedChild);
  }
}

Fd make_socket(const Request& request) {
  const int family = is_ipv6(request.endpoint) ? AF_INET6 : AF_INET;
  const int type = request.transport == Transport::kTcp ? SOCK_STREAM : SOCK_DGRAM;
  Fd fd(socket(family, type, 0));
  must(fd.open(), "socket");
  if (request.options.reuseaddr) {
    set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  }
  if (request.options.reuseport) {
    set_option(fd.get(), SOL_SOCKET, SO_REUSEPORT, 1);
  }
  if (request.options.v6only) {
    set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, *request.options.v6only ? 1 : 0);
  }
  return fd;
}

int try_bind(int fd, const Endpoint& endpoint) {
  const Sockaddr address = sockaddr_of(endpoint);
  return bind(fd, address.get(), address.length) == 0 ? 0 : errno;
}

int try_listen(int fd) {
  return listen(fd, kBacklog) == 0 ? 0 : errno;
}

void bind_socket(int fd, const Endpoint& endpoint) {
  errno = try_bind(fd, endpoint);
  must(errno == 0, "bind");
}

void listen_on(int fd) {
  errno = try_listen(fd);
  must(errno == 0, "listen");
}

Fd serve(const Request& request) {
  Fd fd = make_socket(request);
  bind_socket(fd.get(), request.endpoint);
  if (request.transport == Transport::kTcp) {
    listen_on(fd.get());
  }
  return fd;
}

Fd connect_to(const Endpoint& endpoint) {
  Fd fd = make_socket({Transport::kTcp, endpoint, {}});
  const Sockaddr address = sockaddr_of(endpoint);
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
