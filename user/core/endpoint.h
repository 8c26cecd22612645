// SPDX-License-Identifier: Apache-2.0
// Transport, address and port: what a socket is bound to, and how that is written.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bindtrace {

enum class Transport { kTcp, kUdp, kUdplite, kIcmp, kMptcp, kSctp, kUnknown };

enum class Family { kIpv4, kIpv6 };

struct IpAddress {
  Family family = Family::kIpv4;
  std::array<std::uint8_t, 16> bytes{};  // network order; IPv4 in the first four, the rest 0

  friend bool operator==(const IpAddress&, const IpAddress&) = default;
  [[nodiscard]] bool is_wildcard() const;
  [[nodiscard]] bool is_v4_mapped() const;
};

// An address or a port that could not be learnt is absent.
struct Endpoint {
  Transport transport = Transport::kUnknown;
  std::optional<IpAddress> address;
  std::optional<std::uint16_t> port;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

// From an IPPROTO_* number.
Transport transport_of(std::uint16_t protocol);

// "tcp", "udp", ...; "unknown" for kUnknown.
std::string_view to_string(Transport transport);
// "ipv4" or "ipv6"; a v4-mapped address stays ipv6.
std::string_view to_string(Family family);
// As inet_ntop writes it.
std::string to_string(const IpAddress& address);
// "0.0.0.0:80", "[::]:80"; "?" stands for what is absent.
std::string to_string(const std::optional<IpAddress>& address, std::optional<std::uint16_t> port);
// "tcp 0.0.0.0:80"
std::string to_string(const Endpoint& endpoint);

}  // namespace bindtrace
