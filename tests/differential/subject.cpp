// SPDX-License-Identifier: Apache-2.0
#include "subject.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/fsuid.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "core/plain_request.h"
#include "must.h"
#include "wire.h"

namespace bindtrace {
namespace {

struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;
};

bool is_v6(const Subject& subject) {
  return subject.address.find(':') != std::string::npos;
}

Address address_of(const Subject& subject, const std::string& text, std::uint16_t port) {
  Address address;
  if (is_v6(subject)) {
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr);
    address.length = sizeof(sockaddr_in6);
  } else {
    auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    inet_pton(AF_INET, text.c_str(), &v4->sin_addr);
    address.length = sizeof(sockaddr_in);
  }
  return address;
}

void set(int fd, int level, int option, int value, const char* what) {
  must(::setsockopt(fd, level, option, &value, sizeof value) == 0, what);
}

bool becomes_readable(const UniqueFd& fd) {
  constexpr int kPatienceMs = 20;
  pollfd waiting{fd.get(), POLLIN, 0};
  return ::poll(&waiting, 1, kPatienceMs) == 1;
}

// An address that reaches the subject's.
std::string reachable(const Subject& subject) {
  if (subject.address == "0.0.0.0") {
    return "127.0.0.1";
  }
  return subject.address == "::" ? "::1" : subject.address;
}

IpAddress ip_of(const Subject& subject) {
  IpAddress address;
  address.family = is_v6(subject) ? Family::kIpv6 : Family::kIpv4;
  inet_pton(is_v6(subject) ? AF_INET6 : AF_INET, subject.address.c_str(), address.bytes.data());
  return address;
}

UniqueFd socket_for(const Subject& subject) {
  const bool udp = subject.transport == Transport::kUdp;
  ::setfsuid(subject.uid);  // of this thread: the socket's inode is this user's
  UniqueFd fd(::socket(is_v6(subject) ? AF_INET6 : AF_INET, (udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0));
  ::setfsuid(0);
  must(fd.valid(), "socket");
  return fd;
}

}  // namespace

std::string to_string(const Subject& subject) {
  std::string text = std::string(to_string(subject.transport)) + ' ' + subject.address;
  const auto add = [&](bool is_so, const std::string& words) {
    if (is_so) {
      text += ' ' + words;
    }
  };
  add(subject.v6only, "v6only");
  add(subject.reuseaddr, "reuseaddr");
  add(subject.reuseport, "reuseport");
  add(subject.on_loopback_device, "on lo");
  add(subject.uid != 0, "uid " + std::to_string(subject.uid));
  add(subject.later == Later::kTogglesReuseaddr, "then toggles reuseaddr");
  add(subject.later == Later::kTogglesReuseport, "then toggles reuseport");
  add(subject.stage == Stage::kListening, "then listens");
  add(subject.stage == Stage::kConnected, "then has a connection");
  add(subject.stage == Stage::kTimeWait, "then leaves TIME_WAIT");
  return text;
}

UniqueFd make_socket(const Subject& subject) {
  UniqueFd fd = socket_for(subject);
  set(fd.get(), SOL_SOCKET, SO_REUSEADDR, subject.reuseaddr ? 1 : 0, "SO_REUSEADDR");
  set(fd.get(), SOL_SOCKET, SO_REUSEPORT, subject.reuseport ? 1 : 0, "SO_REUSEPORT");
  if (is_v6(subject)) {
    set(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, subject.v6only ? 1 : 0, "IPV6_V6ONLY");
  }
  if (subject.on_loopback_device) {
    must(::setsockopt(fd.get(), SOL_SOCKET, SO_BINDTODEVICE, "lo", sizeof "lo") == 0, "SO_BINDTODEVICE");
  }
  return fd;
}

Request request_of(const Subject& subject, const UniqueFd& socket, std::uint16_t port, std::uint32_t netns) {
  Request request = plain_request({subject.transport, ip_of(subject), port}, netns);
  struct stat status {};
  must(::fstat(socket.get(), &status) == 0, "fstat");
  request.inode = status.st_ino;
  request.uid = subject.uid;
  request.options = {subject.reuseaddr, subject.reuseport, subject.v6only, std::nullopt};
  if (subject.on_loopback_device) {
    request.options.device = ::if_nametoindex("lo");
  }
  bt_request wire{};
  std::memcpy(&wire, request.wire.data(), sizeof wire);
  wire.device = request.options.device.value_or(0);
  wire.flags = subject.v6only ? BT_SOCK_V6ONLY : 0;
  std::memcpy(request.wire.data(), &wire, sizeof wire);
  return request;
}

int bind_it(const Subject& subject, const UniqueFd& socket, std::uint16_t port) {
  const Address address = address_of(subject, subject.address, port);
  return ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.length) == 0 ? 0 : errno;
}

int listen_it(const UniqueFd& socket) {
  return ::listen(socket.get(), 4) == 0 ? 0 : errno;
}

void toggle_options(const Subject& subject, const UniqueFd& socket) {
  if (subject.later == Later::kTogglesReuseaddr) {
    set(socket.get(), SOL_SOCKET, SO_REUSEADDR, subject.reuseaddr ? 0 : 1, "SO_REUSEADDR");
  }
  if (subject.later == Later::kTogglesReuseport) {
    set(socket.get(), SOL_SOCKET, SO_REUSEPORT, subject.reuseport ? 0 : 1, "SO_REUSEPORT");
  }
}

void connect_through(const Subject& subject, UniqueFd& socket, std::uint16_t port, std::vector<UniqueFd>& kept) {
  const Address target = address_of(subject, reachable(subject), port);
  const auto* address = reinterpret_cast<const sockaddr*>(&target.storage);
  if (subject.transport == Transport::kUdp) {
    const Address peer = address_of(subject, reachable(subject), 9);
    must(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&peer.storage), peer.length) == 0, "connect");
    return;
  }
  Subject asking = subject;
  asking.uid = 0;
  UniqueFd client = socket_for(asking);
  must(::connect(client.get(), address, target.length) == 0, "connect");
  if (!becomes_readable(socket)) {
    return;  // another socket on the port got the connection
  }
  UniqueFd server(::accept4(socket.get(), nullptr, nullptr, SOCK_CLOEXEC));
  must(server.valid(), "accept");
  if (subject.stage == Stage::kTimeWait) {
    socket.reset();
    server.reset();
    char byte = 0;
    must(becomes_readable(client) && ::read(client.get(), &byte, 1) == 0, "read the end of the connection");
    return;
  }
  kept.push_back(std::move(client));
  kept.push_back(std::move(server));
}

}  // namespace bindtrace
