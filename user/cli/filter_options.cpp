// SPDX-License-Identifier: Apache-2.0
#include "cli/filter_options.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "cli/quantity.h"

namespace bindtrace {
namespace {

constexpr std::uint64_t kLargestPid = 4194304;  // PID_MAX_LIMIT of include/linux/threads.h
constexpr std::uint64_t kLargestId = std::numeric_limits<std::uint32_t>::max() - 1;  // -1 is "no user"
constexpr std::uint64_t kLargestPort = std::numeric_limits<std::uint16_t>::max();

template <typename... Arguments>
tl::unexpected<Error> wrong(fmt::format_string<Arguments...> text, Arguments&&... arguments) {
  return fail(ErrorKind::kUsage, fmt::format(text, std::forward<Arguments>(arguments)...));
}

// The pieces between the commas, also an empty one.
std::vector<std::string> pieces(const std::vector<std::string>& lists) {
  std::vector<std::string> all;
  for (const std::string& list : lists) {
    for (std::size_t start = 0; start <= list.size();) {
      const std::size_t comma = std::min(list.find(',', start), list.size());
      all.push_back(list.substr(start, comma - start));
      start = comma + 1;
    }
  }
  return all;
}

std::optional<std::uint32_t> number_up_to(std::string_view text, std::uint64_t largest) {
  const auto number = parse_count(text);
  return number && *number <= largest ? std::optional(static_cast<std::uint32_t>(*number)) : std::nullopt;
}

Result<std::uint32_t> pid_from(const std::string& text) {
  const auto pid = number_up_to(text, kLargestPid);
  if (pid.value_or(0) == 0) {
    return wrong("--pid '{}' is no process id: give numbers from 1 to {}, as in 812,813", text, kLargestPid);
  }
  return *pid;
}

Result<std::string> comm_from(const std::string& text) {
  if (text.empty()) {
    return wrong("--comm '' is no name: give that of a process, as ps -o comm shows it");
  }
  return text.substr(0, kCommBytes);
}

Result<PortRange> range_from(const std::string& text) {
  const std::size_t dash = std::min(text.find('-'), text.size());
  const auto first = number_up_to(std::string_view(text).substr(0, dash), kLargestPort);
  const auto last = dash < text.size() ? number_up_to(std::string_view(text).substr(dash + 1), kLargestPort) : first;
  if (!first || !last) {
    return wrong("--port '{}' is no port: give numbers from 0 to {} and ranges of them, as in 80,8000-8010", text,
                 kLargestPort);
  }
  if (*first > *last) {
    return wrong("--port '{}' is an empty range: give the lower port first, {}-{}", text, *last, *first);
  }
  return PortRange{static_cast<std::uint16_t>(*first), static_cast<std::uint16_t>(*last)};
}

Result<Transport> transport_from(const std::string& text) {
  constexpr std::array kAll{Transport::kTcp,  Transport::kUdp,     Transport::kUdplite,
                            Transport::kIcmp, Transport::kMptcp,   Transport::kSctp,
                            Transport::kUnix, Transport::kNetlink, Transport::kVsock};
  std::vector<std::string_view> names;
  for (const Transport transport : kAll) {
    if (to_string(transport) == text) {
      return transport;
    }
    names.push_back(to_string(transport));
  }
  return wrong("--proto '{}' does not exist: use some of {}", text, fmt::join(names, ", "));
}

Result<std::string> unit_from(const std::string& text) {
  constexpr std::array<std::string_view, 11> kSuffixes{".service",   ".socket", ".target", ".device", ".mount", ".swap",
                                                       ".automount", ".timer",  ".path",   ".slice",  ".scope"};
  if (text.empty() || text.find('/') != std::string::npos) {
    return wrong("--unit '{}' is no unit: give its name alone, as in nginx.service, or a path with --cgroup", text);
  }
  const bool complete =
      std::any_of(kSuffixes.begin(), kSuffixes.end(), [&](std::string_view suffix) { return text.ends_with(suffix); });
  std::string unit = complete ? text : text + ".service";
  if (unit.size() > kMaxFilterNameBytes) {
    return wrong("--unit '{}' is too long: {} bytes fit, use a name with --cgroup that is above it", text,
                 kMaxFilterNameBytes);
  }
  return unit;
}

// Empty ones left out, as the kernel does.
std::vector<std::string> components(std::string_view path) {
  std::vector<std::string> names;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    if (slash > 0) {
      names.emplace_back(path.substr(0, slash));
    }
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return names;
}

Result<CgroupPattern> cgroup_from(const std::string& text) {
  CgroupPattern pattern{text.starts_with('/'), components(text)};
  if (!pattern.absolute && (pattern.names.size() != 1 || pattern.names.front() != text)) {
    return wrong(
        "--cgroup '{}' is neither a name nor a path: give one name, as in nginx.service, or begin with / at the root",
        text);
  }
  if (pattern.names.empty()) {
    return wrong("--cgroup '/' is where all processes are: leave it out, or name what is below it");
  }
  const auto is_dots = [](const std::string& name) { return name == "." || name == ".."; };
  if (std::any_of(pattern.names.begin(), pattern.names.end(), is_dots)) {
    return wrong("--cgroup '{}' has . or .. in it: write the path without them, as in /proc/PID/cgroup", text);
  }
  if (pattern.names.size() > kMaxFilterPathNames) {
    return wrong("--cgroup '{}' is too deep: {} names fit, use a cgroup above it, or its name alone", text,
                 kMaxFilterPathNames);
  }
  const auto is_long = [](const std::string& name) { return name.size() > kMaxFilterNameBytes; };
  if (std::any_of(pattern.names.begin(), pattern.names.end(), is_long)) {
    return wrong("--cgroup '{}' has too long a name: {} bytes fit, use a cgroup above it", text, kMaxFilterNameBytes);
  }
  return pattern;
}

template <typename Value, typename Convert>
Result<void> take(std::string_view option, const std::vector<std::string>& texts, std::size_t most, Convert convert,
                  std::vector<Value>& values) {
  for (const std::string& text : texts) {
    auto value = convert(text);
    if (!value) {
      return tl::unexpected(value.error());
    }
    if (std::find(values.begin(), values.end(), *value) == values.end()) {
      values.push_back(*std::move(value));
    }
  }
  if (values.size() > most) {
    return wrong("{} has {} values, but {} fit: give fewer, or start one bindtrace more", option, values.size(), most);
  }
  return {};
}

std::size_t name_count(const Filter& filter) {
  std::size_t count = filter.units.size();
  for (const CgroupPattern& pattern : filter.cgroups) {
    count += pattern.names.size();
  }
  return count;
}

// What no failure can pass, asked for by mistake.
Result<void> check(const Filter& filter) {
  if (name_count(filter) > kMaxFilterNames) {
    return wrong("--cgroup and --unit have {} names in all, but {} fit: use shorter paths, or names alone",
                 name_count(filter), kMaxFilterNames);
  }
  const bool no_ip =
      !filter.transports.empty() && std::none_of(filter.transports.begin(), filter.transports.end(), is_ip);
  if (no_ip && !(filter.ports.empty() && filter.families.empty())) {
    return wrong("--proto {} has no {}: leave one of the two out", to_string(filter.transports.front()),
                 filter.ports.empty() ? "IPv4 or IPv6 address" : "port that --port can name");
  }
  return {};
}

Result<std::uint32_t> uid_from(const std::string& text, const Host& host) {
  if (const auto uid = number_up_to(text, kLargestId)) {
    return *uid;
  }
  const auto uid = text.empty() ? std::nullopt : host.uid_of(text);
  if (!uid) {
    return wrong("--uid '{}' is no user here: give numbers or names of /etc/passwd, as in 33,www-data", text);
  }
  return *uid;
}

Result<std::uint32_t> netns_from(const std::string& text, const Host& host) {
  if (const auto inode = number_up_to(text, kLargestId); inode.value_or(0) != 0) {
    return *inode;
  }
  constexpr std::string_view kNamed = "/run/netns/";
  const bool is_path = text.find('/') != std::string::npos;
  const auto inode = text.empty() ? Result<std::uint32_t>(wrong("it is empty"))
                                  : host.netns_at(is_path ? text : std::string(kNamed) + text);
  if (!inode) {
    return wrong(
        "--netns '{}' is no network namespace ({}): give a name of `ip netns`, an inode number, or a path as in "
        "/proc/812/ns/net",
        text, inode.error().message);
  }
  return *inode;
}

}  // namespace

Result<Filter> convert_filter(const TypedFilter& typed, const Host& host) {
  Filter filter;
  const auto uid = [&](const std::string& text) { return uid_from(text, host); };
  const auto netns = [&](const std::string& text) { return netns_from(text, host); };
  if (typed.ipv4) {
    filter.families.push_back(Family::kIpv4);
  }
  if (typed.ipv6) {
    filter.families.push_back(Family::kIpv6);
  }
  const std::array taken{take("--pid", pieces(typed.pids), kMaxFilterPids, pid_from, filter.pids),
                         take("--comm", typed.comms, kMaxFilterComms, comm_from, filter.comms),
                         take("--uid", pieces(typed.uids), kMaxFilterUids, uid, filter.uids),
                         take("--port", pieces(typed.ports), kMaxFilterPorts, range_from, filter.ports),
                         take("--proto", pieces(typed.protocols), kMaxFilterPids, transport_from, filter.transports),
                         take("--cgroup", typed.cgroups, kMaxFilterCgroups, cgroup_from, filter.cgroups),
                         take("--netns", typed.netns, kMaxFilterNetns, netns, filter.netns),
                         take("--unit", typed.units, kMaxFilterUnits, unit_from, filter.units),
                         check(filter)};
  for (const Result<void>& part : taken) {
    if (!part) {
      return tl::unexpected(part.error());
    }
  }
  return filter;
}

}  // namespace bindtrace
