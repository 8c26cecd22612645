// SPDX-License-Identifier: Apache-2.0
#include "core/client_ports.h"

#include <charconv>
#include <limits>

#include <fmt/format.h>

namespace bindtrace {
namespace {

constexpr std::string_view kBlanks = " \t\n";

// The next number; absent: none, or one that is no port.
std::optional<std::uint16_t> take_port(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  std::uint32_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || port > std::numeric_limits<std::uint16_t>::max()) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return static_cast<std::uint16_t>(port);
}

}  // namespace

std::optional<ClientPorts> parse_client_ports(std::string_view range, std::string_view reserved) {
  const auto first = take_port(range);
  const auto last = first ? take_port(range) : std::nullopt;
  const auto end = reserved.find_last_not_of(kBlanks);
  if (!last || range.find_first_not_of(kBlanks) != std::string_view::npos ||
      reserved.find_first_not_of("0123456789,- \t\n") != std::string_view::npos) {
    return std::nullopt;
  }
  return ClientPorts{*first, *last, std::string(reserved.substr(0, end == std::string_view::npos ? 0 : end + 1))};
}

std::string reserving_command(const ClientPorts& ports, std::uint16_t port) {
  const std::string there = ports.netns_file.empty() ? "" : fmt::format("nsenter --net={} ", ports.netns_file);
  return fmt::format("{}sysctl -w net.ipv4.ip_local_reserved_ports={}{}{}", there, ports.reserved,
                     ports.reserved.empty() ? "" : ",", port);
}

}  // namespace bindtrace
