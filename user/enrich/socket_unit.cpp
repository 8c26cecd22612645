// SPDX-License-Identifier: Apache-2.0
#include "enrich/socket_unit.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <system_error>

#include "enrich/proxy_arguments.h"

namespace bindtrace {
namespace {

constexpr std::string_view kSuffix = ".socket";
constexpr std::string_view kBlank = " \t\r";

std::string_view stripped(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlank);
  return first == std::string_view::npos ? "" : text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

// Lines that end in a backslash go on in the next one that is no comment.
std::vector<std::string> logical_lines(std::string_view text) {
  std::vector<std::string> lines;
  bool continues = false;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = stripped(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.starts_with('#') || line.starts_with(';')) {
      continue;
    }
    const bool goes_on = line.ends_with('\\');
    line.remove_suffix(goes_on ? 1 : 0);
    if (continues) {
      lines.back() += ' ' + std::string(line);
    } else {
      lines.emplace_back(line);
    }
    continues = goes_on;
  }
  return lines;
}

struct UnitName {
  std::string_view prefix;                   // before the "@"
  std::optional<std::string_view> instance;  // empty for a template; absent: neither template nor instance
};

UnitName split_name(std::string_view name) {
  name.remove_suffix(kSuffix.size());
  const std::size_t at = name.find('@');
  return at == std::string_view::npos ? UnitName{name, std::nullopt}
                                      : UnitName{name.substr(0, at), name.substr(at + 1)};
}

// Of systemd.unit(5), "Specifiers", those that the name alone tells.
std::optional<std::string> specified(char specifier, const SocketUnit& unit) {
  const UnitName name = split_name(unit.name);
  const bool is_template = name.instance && name.instance->empty();
  const bool of_instance = specifier == 'i' || specifier == 'I' || specifier == 'n' || specifier == 'N';
  if (is_template && of_instance) {
    return std::nullopt;
  }
  switch (specifier) {
    case '%':
      return "%";
    case 't':
      return unit.runtime_directory;
    case 'i':
      return std::string(name.instance.value_or(""));
    case 'p':
      return std::string(name.prefix);
    case 'n':
      return unit.name;
    case 'N':
      return unit.name.substr(0, unit.name.size() - kSuffix.size());
    default:
      return std::nullopt;
  }
}

std::optional<std::string> without_specifiers(std::string_view value, const SocketUnit& unit) {
  std::string text;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] != '%') {
      text += value[i];
      continue;
    }
    const auto replacement = ++i < value.size() ? specified(value[i], unit) : std::nullopt;
    if (!replacement) {
      return std::nullopt;
    }
    text += *replacement;
  }
  return text;
}

// ListenNetlink names a group, and the kernel chooses the port id.
constexpr std::array<std::string_view, 3> kListens{"ListenStream", "ListenDatagram", "ListenSequentialPacket"};

bool is_true(std::string_view value) {
  constexpr std::array<std::string_view, 5> kTrue{"yes", "true", "on", "1", "y"};
  return std::find(kTrue.begin(), kTrue.end(), value) != kTrue.end();
}

// An empty value of any takes back what all of them have added (config_parse_socket_listen).
void read_listen(std::string_view key, std::string_view value, const std::string& file, SocketUnit& unit) {
  if (value.empty()) {
    unit.listens.clear();
  } else if (std::find(kListens.begin(), kListens.end(), key) != kListens.end()) {
    if (auto text = without_specifiers(value, unit)) {
      unit.listens.push_back({std::string(key), *std::move(text), file});
    }
  }
}

void read_assignment(std::string_view key, std::string_view value, const std::string& file, SocketUnit& unit) {
  if (key.starts_with("Listen")) {
    read_listen(key, value, file, unit);
  } else if (key == "Service") {
    unit.service = value.empty() ? std::nullopt : without_specifiers(value, unit);
  } else if (key == "SocketProtocol") {
    unit.protocol = value;
  } else if (key == "Accept") {
    unit.accept = is_true(value);
  }
}

std::string_view directive_for(Transport transport) {
  switch (transport) {
    case Transport::kTcp:
    case Transport::kMptcp:
      return "ListenStream";
    case Transport::kUdp:
    case Transport::kUdplite:
      return "ListenDatagram";
    case Transport::kSctp:
    case Transport::kUnix:
    case Transport::kVsock:
    case Transport::kIcmp:
    case Transport::kNetlink:  // names a group, and the kernel chooses the port id
    case Transport::kUnknown:
      break;
  }
  return "";
}

bool fits_transport(const SocketUnit& unit, std::string_view directive, Transport transport) {
  const std::string_view usual = directive_for(transport);
  if (transport == Transport::kUdplite || transport == Transport::kMptcp) {
    return directive == usual && unit.protocol == to_string(transport);
  }
  if (transport == Transport::kSctp) {
    return unit.protocol == "sctp";
  }
  return usual.empty() || (directive == usual && unit.protocol.empty());
}

std::optional<std::uint16_t> port_from(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(port) : std::nullopt;
}

// "80" is the wildcard of whatever IP there is; "127.0.0.1:80", "[::1]:80", "[fe80::1]:80%eth0".
bool is_ip_address(std::string_view value, const Endpoint& local) {
  if (const auto port = port_from(value)) {
    return port == local.port && local.address && local.address->is_wildcard();
  }
  const std::size_t colon = value.rfind(':');
  if (colon == std::string_view::npos) {
    return false;
  }
  std::string_view host = value.substr(0, colon);
  std::string_view port = value.substr(colon + 1);
  port = port.substr(0, port.find('%'));
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  }
  const auto address = parse_ip(std::string(host));
  return address && address == local.address && port_from(port) && port_from(port) == local.port;
}

// /var/run leads to /run (file-hierarchy(7)), and systemd reads it so.
std::string_view without_var(std::string_view path) {
  return path.starts_with("/var/run/") ? path.substr(std::string_view("/var").size()) : path;
}

// "vsock:CID:PORT"; without a CID, any of ours.
bool is_vsock_address(std::string_view value, std::string_view name) {
  constexpr std::string_view kPrefix = "vsock:";
  if (!value.starts_with(kPrefix)) {
    return false;
  }
  value.remove_prefix(kPrefix.size());
  constexpr std::string_view kAnyCid = "4294967295";
  return value == name || (value.starts_with(':') && name == std::string(kAnyCid) + std::string(value));
}

bool is_address(std::string_view value, const Endpoint& local) {
  if (is_ip(local.transport)) {
    return is_ip_address(value, local);
  }
  if (!local.name) {
    return false;
  }
  if (local.transport == Transport::kVsock) {
    return is_vsock_address(value, *local.name);
  }
  return local.transport == Transport::kUnix && without_var(value) == without_var(*local.name);
}

}  // namespace

void read_unit_text(std::string_view text, const std::string& file, SocketUnit& unit) {
  bool in_section = false;
  for (const std::string& line : logical_lines(text)) {
    if (line.starts_with('[')) {
      in_section = line == "[Socket]";
      continue;
    }
    const std::size_t equals = line.find('=');
    if (in_section && equals != std::string::npos) {
      const std::string_view whole = line;
      read_assignment(stripped(whole.substr(0, equals)), stripped(whole.substr(equals + 1)), file, unit);
    }
  }
}

std::string service_of(const SocketUnit& unit) {
  if (unit.service) {
    return *unit.service;
  }
  const std::string stem = unit.name.substr(0, unit.name.size() - kSuffix.size());
  return stem + (unit.accept && stem.find('@') == std::string::npos ? "@.service" : ".service");
}

const SocketUnit::Listen* find_listen(const SocketUnit& unit, const HolderSocket& socket) {
  for (const SocketUnit::Listen& listen : unit.listens) {
    if (fits_transport(unit, listen.directive, socket.local.transport) && is_address(listen.value, socket.local)) {
      return &listen;
    }
  }
  return nullptr;
}

}  // namespace bindtrace
