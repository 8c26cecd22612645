// SPDX-License-Identifier: Apache-2.0
// The ports that the kernel chooses for connections in a network namespace (ip_local_port_range and
// ip_local_reserved_ports, Documentation/networking/ip-sysctl.rst). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bindtrace {

struct ClientPorts {
  std::uint16_t first = 0;
  std::uint16_t last = 0;
  std::string reserved;      // as the sysctl takes it: "8080,9000-9010"; empty: none
  std::string netns_file{};  // by which they were reached, of a namespace that is not bindtrace's own; empty: it is

  friend bool operator==(const ClientPorts&, const ClientPorts&) = default;
};

// From the contents of both files; absent: they are no such.
std::optional<ClientPorts> parse_client_ports(std::string_view range, std::string_view reserved);

// The command that keeps the kernel from choosing `port`, and whatever is kept so already, there.
std::string reserving_command(const ClientPorts& ports, std::uint16_t port);

}  // namespace bindtrace
