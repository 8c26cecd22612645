// SPDX-License-Identifier: Apache-2.0
// Transport, address and port, or name: what a socket is bound to, and how that is written.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bindtrace {

enum class Transport { kTcp, kUdp, kUdplite, kIcmp, kMptcp, kSctp, kUnix, kNetlink, kVsock, kUnknown };

enum class Family { kIpv4, kIpv6 };

struct IpAddress {
  Family family = Family::kIpv4;
  std::array<std::uint8_t, 16> bytes{};  // network order; IPv4 in the first four, the rest 0

  friend bool operator==(const IpAddress&, const IpAddress&) = default;
  [[nodiscard]] bool is_wildcard() const;
  [[nodiscard]] bool is_v4_mapped() const;
};

// 127.0.0.1 for ::ffff:127.0.0.1; any other as it is.
IpAddress without_mapping(const IpAddress& address);

// What could not be learnt is absent. Families other than IP have a name instead of address and port: a path or
// "@abstract" for unix, the port id for netlink, "cid:port" for vsock.
struct Endpoint {
  Transport transport = Transport::kUnknown;
  std::optional<IpAddress> address;
  std::optional<std::uint16_t> port;
  std::optional<std::string> name{};

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

// From the numbers of socket(2): AF_*, and for IP also IPPROTO_*.
Transport transport_of(std::uint16_t family, std::uint16_t protocol);

[[nodiscard]] constexpr bool is_ip(Transport transport) {
  return transport < Transport::kUnix;
}

// A Unix address that is a file; not one that begins with '@'.
bool is_path(const Endpoint& endpoint);

// A socket of it that is only bound takes no traffic yet: it has to listen or connect.
[[nodiscard]] constexpr bool is_connection_oriented(Transport transport) {
  return transport == Transport::kTcp || transport == Transport::kMptcp || transport == Transport::kSctp;
}

// "tcp", "udp", ...; "unknown" for kUnknown.
std::string_view to_string(Transport transport);
// "ipv4" or "ipv6"; a v4-mapped address stays ipv6.
std::string_view to_string(Family family);
// As inet_ntop writes it.
std::string to_string(const IpAddress& address);
// "0.0.0.0:80", "[::]:80"; "?" stands for what is absent.
std::string to_string(const std::optional<IpAddress>& address, std::optional<std::uint16_t> port);
// "0.0.0.0:80", "/run/app.sock"
std::string address_of(const Endpoint& endpoint);
// "tcp 0.0.0.0:80", "unix /run/app.sock"
std::string to_string(const Endpoint& endpoint);

}  // namespace bindtrace
