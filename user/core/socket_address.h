// SPDX-License-Identifier: Apache-2.0
// The address of a socket as the kernel compares it: IPv4 and IPv6 at once. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "core/failure.h"

namespace bindtrace {

struct SocketAddress {
  std::optional<IpAddress> v6;  // of an IPv6 socket (sk_v6_rcv_saddr)
  std::uint32_t v4 = 0;         // sk_rcv_saddr, network order; of an IPv6 socket see __inet6_bind
  bool v6only = false;
};

SocketAddress socket_address(const IpAddress& address, bool v6only);

// Of the socket that asks, while it asks: __inet6_bind makes it v6only for an address of IPv6 alone.
SocketAddress requested_address(const Request& request);

// On which side the wildcard meets any address.
struct WildcardSides {
  bool first = true;
  bool second = true;
};

// inet_rcv_saddr_equal, net/ipv4/inet_connection_sock.c; the family of the first decides how.
bool equal_as_bound(const SocketAddress& first, const SocketAddress& second, WildcardSides wildcards);

}  // namespace bindtrace
