// SPDX-License-Identifier: Apache-2.0
#include "cli/target.h"

#include <arpa/inet.h>
#include <sys/un.h>

#include <array>
#include <limits>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "cli/quantity.h"

namespace bindtrace {
namespace {

constexpr std::string_view kForms = "give PORT, ADDRESS:PORT, PORT/udp, a /PATH or an @abstract name";

tl::unexpected<Error> wrong(const std::string& text, std::string_view why) {
  return fail(ErrorKind::kUsage, fmt::format("'{}' {}: {}", text, why, kForms));
}

Result<Endpoint> unix_target(const std::string& text) {
  if (text == "@") {
    return wrong(text, "is no name");
  }
  if (text.size() >= sizeof(sockaddr_un::sun_path)) {
    return wrong(text, fmt::format("is too long for a unix address, which has {} bytes at most",
                                   sizeof(sockaddr_un::sun_path) - 1));
  }
  return Endpoint{Transport::kUnix, std::nullopt, std::nullopt, text};
}

std::optional<Transport> transport_named(std::string_view name) {
  constexpr std::array kAll{Transport::kTcp, Transport::kUdp, Transport::kUdplite, Transport::kSctp};
  for (const Transport transport : kAll) {
    if (to_string(transport) == name) {
      return transport;
    }
  }
  return std::nullopt;
}

std::optional<IpAddress> address_from(std::string_view text) {
  IpAddress address;
  std::string plain(text);
  if (plain.size() > 1 && plain.front() == '[' && plain.back() == ']') {
    plain = plain.substr(1, plain.size() - 2);
    address.family = Family::kIpv6;
  }
  const int family = address.family == Family::kIpv6 ? AF_INET6 : AF_INET;
  return inet_pton(family, plain.c_str(), address.bytes.data()) == 1 ? std::optional(address) : std::nullopt;
}

}  // namespace

Result<Endpoint> parse_target(const std::string& text) {
  if (text.starts_with('/') || text.starts_with('.') || text.starts_with('@')) {
    return unix_target(text);
  }
  std::string_view rest = text;
  Endpoint target{Transport::kTcp, std::nullopt, std::nullopt};
  if (const std::size_t slash = rest.rfind('/'); slash != std::string_view::npos) {
    const auto transport = transport_named(rest.substr(slash + 1));
    if (!transport) {
      return wrong(text, "names no protocol that can be asked for (tcp, udp, udplite, sctp)");
    }
    target.transport = *transport;
    rest = rest.substr(0, slash);
  }
  if (const std::size_t colon = rest.rfind(':'); colon != std::string_view::npos) {
    const std::string_view host = rest.substr(0, colon);
    target.address = address_from(host);
    if (!target.address && host != "*") {
      return wrong(text, "has no numeric address, an IPv6 one in brackets");
    }
    rest = rest.substr(colon + 1);
  }
  const auto port = parse_count(rest);
  if (!port || *port == 0 || *port > std::numeric_limits<std::uint16_t>::max()) {
    return wrong(text, "has no port from 1 to 65535");
  }
  target.port = static_cast<std::uint16_t>(*port);
  return target;
}

}  // namespace bindtrace
