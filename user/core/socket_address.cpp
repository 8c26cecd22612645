// SPDX-License-Identifier: Apache-2.0
#include "core/socket_address.h"

#include <arpa/inet.h>

#include <cstddef>
#include <cstring>

namespace bindtrace {
namespace {

constexpr std::uint32_t kLoopback4Ipv6 = 0x7f000006;  // LOOPBACK4_IPV6 of include/net/ipv6.h

std::uint32_t word_at(const IpAddress& address, std::size_t offset) {
  std::uint32_t word = 0;
  std::memcpy(&word, address.bytes.data() + offset, sizeof word);
  return word;
}

bool is_any(const SocketAddress& address) {
  return address.v6 && address.v6->is_wildcard();
}

// What is no IPv6 socket counts as mapped.
bool is_mapped(const SocketAddress& address) {
  return !address.v6 || address.v6->is_v4_mapped();
}

// ipv4_rcv_saddr_equal
bool equal_v4(const SocketAddress& first, const SocketAddress& second, WildcardSides wildcards) {
  if (second.v6only) {
    return false;
  }
  return first.v4 == second.v4 || (wildcards.first && first.v4 == 0) || (wildcards.second && second.v4 == 0);
}

// ipv6_rcv_saddr_equal
bool equal_v6(const SocketAddress& first, const SocketAddress& second, WildcardSides wildcards) {
  if (is_mapped(first) && is_mapped(second)) {
    return equal_v4(first, second, wildcards);
  }
  if (is_any(first) && is_any(second)) {
    return true;
  }
  if (is_any(second) && wildcards.second && !(second.v6only && is_mapped(first))) {
    return true;
  }
  if (is_any(first) && wildcards.first && !(first.v6only && is_mapped(second))) {
    return true;
  }
  return second.v6 && *first.v6 == *second.v6;
}

}  // namespace

SocketAddress socket_address(const IpAddress& address, bool v6only) {
  if (address.family == Family::kIpv4) {
    return {std::nullopt, word_at(address, 0), false};
  }
  std::uint32_t v4 = htonl(kLoopback4Ipv6);
  if (address.is_wildcard()) {
    v4 = 0;
  } else if (address.is_v4_mapped()) {
    v4 = word_at(address, 12);
  }
  return {address, v4, v6only};
}

SocketAddress requested_address(const Request& request) {
  if (!request.endpoint.address) {
    return {};
  }
  const IpAddress& address = *request.endpoint.address;
  const bool of_v6_alone = address.family == Family::kIpv6 && !address.is_wildcard() && !address.is_v4_mapped();
  return socket_address(address, of_v6_alone || request.options.v6only.value_or(false));
}

bool equal_as_bound(const SocketAddress& first, const SocketAddress& second, WildcardSides wildcards) {
  return first.v6 ? equal_v6(first, second, wildcards) : equal_v4(first, second, wildcards);
}

}  // namespace bindtrace
