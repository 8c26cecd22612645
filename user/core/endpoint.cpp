// SPDX-License-Identifier: Apache-2.0
#include "core/endpoint.h"

#include <algorithm>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace bindtrace {
namespace {

// Newer than some C libraries' headers.
constexpr std::uint16_t kProtocolMptcp = 262;

}  // namespace

bool IpAddress::is_wildcard() const {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

bool IpAddress::is_v4_mapped() const {
  constexpr std::array<std::uint8_t, 12> kPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};  // RFC 4291 2.5.5.2
  return family == Family::kIpv6 && std::equal(kPrefix.begin(), kPrefix.end(), bytes.begin());
}

IpAddress without_mapping(const IpAddress& address) {
  if (address.family != Family::kIpv6 || !address.is_v4_mapped()) {
    return address;
  }
  IpAddress plain{Family::kIpv4, {}};
  std::copy_n(address.bytes.end() - 4, 4, plain.bytes.begin());
  return plain;
}

Transport transport_of(std::uint16_t family, std::uint16_t protocol) {
  switch (family) {
    case AF_UNIX:
      return Transport::kUnix;
    case AF_NETLINK:
      return Transport::kNetlink;
    case AF_VSOCK:
      return Transport::kVsock;
    case AF_INET:
    case AF_INET6:
      break;
    default:
      return Transport::kUnknown;
  }
  switch (protocol) {
    case IPPROTO_TCP:
      return Transport::kTcp;
    case IPPROTO_UDP:
      return Transport::kUdp;
    case IPPROTO_UDPLITE:
      return Transport::kUdplite;
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
      return Transport::kIcmp;
    case kProtocolMptcp:
      return Transport::kMptcp;
    case IPPROTO_SCTP:
      return Transport::kSctp;
    default:
      return Transport::kUnknown;
  }
}

bool is_path(const Endpoint& endpoint) {
  return endpoint.transport == Transport::kUnix && endpoint.name && !endpoint.name->empty() &&
         endpoint.name->front() != '@';
}

std::string_view to_string(Transport transport) {
  switch (transport) {
    case Transport::kTcp:
      return "tcp";
    case Transport::kUdp:
      return "udp";
    case Transport::kUdplite:
      return "udplite";
    case Transport::kIcmp:
      return "icmp";
    case Transport::kMptcp:
      return "mptcp";
    case Transport::kSctp:
      return "sctp";
    case Transport::kUnix:
      return "unix";
    case Transport::kNetlink:
      return "netlink";
    case Transport::kVsock:
      return "vsock";
    case Transport::kUnknown:
      break;
  }
  return "unknown";
}

std::string_view to_string(Family family) {
  switch (family) {
    case Family::kIpv4:
      return "ipv4";
    case Family::kIpv6:
      break;
  }
  return "ipv6";
}

std::string to_string(const IpAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = address.family == Family::kIpv4 ? AF_INET : AF_INET6;
  return inet_ntop(family, address.bytes.data(), text.data(), text.size());
}

std::string to_string(const std::optional<IpAddress>& address, std::optional<std::uint16_t> port) {
  const std::string port_text = port ? std::to_string(*port) : "?";
  if (!address) {
    return "?:" + port_text;
  }
  const std::string text = to_string(*address);
  return address->family == Family::kIpv6 ? fmt::format("[{}]:{}", text, port_text)
                                          : fmt::format("{}:{}", text, port_text);
}

std::string address_of(const Endpoint& endpoint) {
  return endpoint.name || !is_ip(endpoint.transport) ? endpoint.name.value_or("?")
                                                     : to_string(endpoint.address, endpoint.port);
}

std::string to_string(const Endpoint& endpoint) {
  return fmt::format("{} {}", to_string(endpoint.transport), address_of(endpoint));
}

}  // namespace bindtrace
