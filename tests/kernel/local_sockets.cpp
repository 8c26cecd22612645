// SPDX-License-Identifier: Apache-2.0
#include "local_sockets.h"

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <utility>

#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#include <sys/un.h>

namespace bindtrace {
namespace {

constexpr uint32_t kTriedPort = 65'001;

template <typename Address>
LocalEndpoint endpoint_of(int type, int protocol, const Address& address) {
  LocalEndpoint endpoint{type, protocol, {}};
  std::memcpy(&endpoint.address.storage, &address, sizeof(address));
  endpoint.address.length = sizeof(address);
  return endpoint;
}

LocalEndpoint unix_endpoint(const std::string& bytes) {
  sockaddr_un address{};
  must(bytes.size() < sizeof(address.sun_path), "a Unix address that is too long");
  address.sun_family = AF_UNIX;
  bytes.copy(address.sun_path, bytes.size());
  LocalEndpoint endpoint = endpoint_of(SOCK_STREAM, 0, address);
  endpoint.address.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + bytes.size());
  return endpoint;
}

Fd make_socket(const LocalEndpoint& endpoint) {
  Fd fd(socket(endpoint.address.storage.ss_family, endpoint.type, endpoint.protocol));
  must(fd.open(), "socket");
  return fd;
}

}  // namespace

LocalEndpoint unix_path(const std::string& path) {
  return unix_endpoint(path);
}

LocalEndpoint unix_name(const std::string& name) {
  return unix_endpoint(std::string(1, '\0') + name);
}

LocalEndpoint netlink_port(uint32_t id) {
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_pid = id;
  return endpoint_of(SOCK_RAW, NETLINK_ROUTE, address);
}

LocalEndpoint vsock_port(uint32_t cid, uint32_t port) {
  sockaddr_vm address{};
  address.svm_family = AF_VSOCK;
  address.svm_cid = cid;
  address.svm_port = port;
  return endpoint_of(SOCK_STREAM, 0, address);
}

Holder hold(const Netns& netns, const LocalEndpoint& endpoint, const std::string& comm) {
  Child child(netns, comm, [&](const Line& line) {
    const Fd socket = make_socket(endpoint);
    bind_socket(socket.get(), endpoint.address);
    if (endpoint.address.storage.ss_family == AF_UNIX) {
      listen_on(socket.get());
    }
    line.tell(held_by_me(socket));
    line.wait_for_release();
  });
  const Held held = child.hear<Held>();
  return {std::move(child), held};
}

Victim fail_to_bind(const Netns& netns, const LocalEndpoint& endpoint, const std::string& comm) {
  return fail_in(netns, comm, [&](const Line& line) {
    line.tell(bind_and_tell(endpoint));
    line.wait_for_release();
  });
}

Tried bind_and_tell(const LocalEndpoint& endpoint) {
  const Fd socket = make_socket(endpoint);
  return try_and_tell(socket, [&] { return try_bind(socket.get(), endpoint.address); });
}

Fd listen_at(const std::string& path) {
  Fd socket = make_socket(unix_path(path));
  bind_socket(socket.get(), unix_path(path).address);
  listen_on(socket.get());
  return socket;
}

Fd connect_to(const std::string& path) {
  Fd socket = make_socket(unix_path(path));
  const SocketAddress address = unix_path(path).address;
  must(connect(socket.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.length) == 0, "connect");
  return socket;
}

int try_vsock(uint32_t cid) {
  const Fd fd(socket(AF_VSOCK, SOCK_STREAM, 0));
  return fd.open() ? try_bind(fd.get(), vsock_port(cid, kTriedPort).address) : errno;
}

}  // namespace bindtrace
