// SPDX-License-Identifier: Apache-2.0
#include "enrich/proc_text.h"

#include <charconv>
#include <cstddef>

#include "core/cgroup_name.h"

namespace bindtrace {
namespace {

template <typename T>
std::optional<T> number_from(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::string_view take_until(std::string_view& text, char separator) {
  const std::size_t at = text.find(separator);
  const std::string_view part = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return part;
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> found;
  constexpr std::string_view kBlank = " \t\n";
  for (std::size_t start = text.find_first_not_of(kBlank); start != std::string_view::npos;) {
    const std::size_t end = text.find_first_of(kBlank, start);
    found.push_back(text.substr(start, end - start));
    start = text.find_first_not_of(kBlank, end);
  }
  return found;
}

// Field numbers of proc(5), relative to the state, which follows the last ")".
constexpr std::size_t kState = 3 - 3;
constexpr std::size_t kParent = 4 - 3;
constexpr std::size_t kFlags = 9 - 3;
constexpr std::uint32_t kExiting = 0x4;  // PF_EXITING of linux/sched.h
constexpr std::size_t kStartTime = 22 - 3;

constexpr std::string_view kRemoved = " (deleted)";  // the cgroup has been, by now

// More is better.
int telling(std::string_view path) {
  const CgroupIdentity identity = identify_cgroup(path);
  return identity.container_id ? 2 : identity.unit ? 1 : 0;
}

}  // namespace

std::optional<ProcStat> parse_stat(std::string_view text) {
  const std::size_t open = text.find('(');
  const std::size_t close = text.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
    return std::nullopt;
  }
  const auto fields = words(text.substr(close + 1));
  if (fields.size() <= kStartTime) {
    return std::nullopt;
  }
  const auto start_ticks = number_from<std::uint64_t>(fields[kStartTime]);
  const auto flags = number_from<std::uint32_t>(fields[kFlags]).value_or(0);
  if (!start_ticks) {
    return std::nullopt;
  }
  return ProcStat{std::string(text.substr(open + 1, close - open - 1)), fields[kState].front(),
                  number_from<std::uint32_t>(fields[kParent]).value_or(0), *start_ticks, (flags & kExiting) != 0};
}

std::optional<std::uint32_t> parse_vpid(std::string_view status) {
  while (!status.empty()) {
    const auto fields = words(take_until(status, '\n'));
    if (fields.size() > 1 && fields.front() == "NStgid:") {
      return number_from<std::uint32_t>(fields.back());
    }
  }
  return std::nullopt;
}

std::vector<std::string> parse_cmdline(std::string_view text, bool cut) {
  std::vector<std::string> arguments;
  while (!text.empty()) {
    const bool ended = text.find('\0') != std::string_view::npos;
    const std::string_view argument = take_until(text, '\0');
    if (ended || !cut) {
      arguments.emplace_back(argument);
    }
  }
  return arguments;
}

std::optional<CgroupPath> parse_cgroup(std::string_view text) {
  std::optional<CgroupPath> best;
  int best_telling = 0;
  int best_rank = 0;
  while (!text.empty()) {
    std::string_view path = take_until(text, '\n');
    const std::string_view id = take_until(path, ':');
    const std::string_view controllers = take_until(path, ':');
    if (path.ends_with(kRemoved)) {
      path.remove_suffix(kRemoved.size());
    }
    const bool unified = id == "0" && controllers.empty();
    const int rank = unified ? 2 : controllers == "name=systemd" ? 1 : 0;
    const int tells = telling(path);
    if (path.empty() || (rank == 0 && tells == 0)) {
      continue;
    }
    if (!best || tells > best_telling || (tells == best_telling && rank > best_rank)) {
      best = CgroupPath{std::string(path), unified};
      best_telling = tells;
      best_rank = rank;
    }
  }
  return best;
}

std::optional<std::uint64_t> parse_socket_link(std::string_view target) {
  constexpr std::string_view kPrefix = "socket:[";
  if (!target.starts_with(kPrefix) || !target.ends_with(']')) {
    return std::nullopt;
  }
  target.remove_prefix(kPrefix.size());
  target.remove_suffix(1);
  return number_from<std::uint64_t>(target);
}

}  // namespace bindtrace
