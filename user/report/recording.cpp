// SPDX-License-Identifier: Apache-2.0
#include "report/recording.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/clock.h"

namespace bindtrace {
namespace {

using Json = nlohmann::json;

constexpr int kMajor = 1;
constexpr int kMinor = 0;
constexpr std::size_t kShownId = 12;  // of a container

constexpr std::array kKinds{std::pair{"bindtrace.bind.conflict", MomentKind::kFailure},
                            std::pair{"bindtrace.conflict.summary", MomentKind::kSummary},
                            std::pair{"bindtrace.conflict.released", MomentKind::kReleased},
                            std::pair{"bindtrace.conflict.bound", MomentKind::kBound},
                            std::pair{"bindtrace.events.lost", MomentKind::kLost},
                            std::pair{"bindtrace.agent.started", MomentKind::kStarted},
                            std::pair{"bindtrace.agent.stopped", MomentKind::kStopped}};

// Null where a step of the path is missing.
const Json& at(const Json& json, std::string_view path) {
  static const Json nothing;
  const Json* here = &json;
  while (!path.empty()) {
    const std::size_t dot = path.find('.');
    const auto next = here->find(std::string(path.substr(0, dot)));
    if (!here->is_object() || next == here->end()) {
      return nothing;
    }
    here = &*next;
    path = dot == std::string_view::npos ? "" : path.substr(dot + 1);
  }
  return *here;
}

std::string text_at(const Json& json, std::string_view path) {
  const Json& found = at(json, path);
  return found.is_string() ? found.get<std::string>() : "";
}

std::optional<std::int64_t> number_at(const Json& json, std::string_view path) {
  const Json& found = at(json, path);
  return found.is_number_integer() ? std::optional(found.get<std::int64_t>()) : std::nullopt;
}

std::uint64_t count_at(const Json& json, std::string_view path) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(number_at(json, path).value_or(0), 0));
}

// Digits only, as many as there are.
std::optional<int> digits(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::string address_of(const Json& record) {
  const std::string transport = text_at(record, "network.transport");
  const std::string address = text_at(record, "network.local.address");
  const auto port = number_at(record, "network.local.port");
  if (transport.empty()) {
    return "";
  }
  if (!port) {
    return fmt::format("{} {}", transport, address);
  }
  return address.find(':') == std::string::npos ? fmt::format("{} {}:{}", transport, address, *port)
                                                : fmt::format("{} [{}]:{}", transport, address, *port);
}

std::string first_of(std::initializer_list<std::string> texts) {
  const auto* found = std::find_if(texts.begin(), texts.end(), [](const std::string& text) { return !text.empty(); });
  return found == texts.end() ? "" : *found;
}

std::string container_name(const std::string& name, const std::string& id) {
  const std::string shown = first_of({name, id.substr(0, kShownId)});
  return shown.empty() ? "" : "container " + shown;
}

// What an interpreter runs may be no name by itself: "python3 -m http.server".
std::string program_name(const std::string& program, const std::string& comm) {
  return program.starts_with('-') ? comm + " " + program : program;
}

Party victim_of(const Json& record) {
  const std::string comm = text_at(record, "process.executable.name");
  return {first_of({text_at(record, "bindtrace.unit"),
                    container_name(text_at(record, "container.name"), text_at(record, "container.id")),
                    program_name(text_at(record, "process.program"), comm), comm}),
          fmt::format("{}[{}]", comm, number_at(record, "process.pid").value_or(0))};
}

// The first holder is what blocks; for whom it stands is who has the address.
std::optional<Party> holder_of(const Json& record) {
  const Json& holders = at(record, "bindtrace.holders");
  if (!holders.is_array() || holders.empty()) {
    return std::nullopt;
  }
  const Json& holder = holders.front();
  const auto pid = number_at(holder, "pid");
  const std::string state = text_at(holder, "socket.state");
  const std::string name = first_of(
      {text_at(holder, "on_behalf_of.unit"),
       container_name(text_at(holder, "on_behalf_of.container_name"), text_at(holder, "on_behalf_of.container_id")),
       text_at(holder, "unit"), container_name("", text_at(holder, "container_id")),
       program_name(text_at(holder, "program"), text_at(holder, "comm")), text_at(holder, "comm"),
       state.empty() ? "" : "a socket in " + state});
  return name.empty() ? std::nullopt
                      : std::optional(Party{name, pid ? fmt::format("{}[{}]", text_at(holder, "comm"), *pid) : ""});
}

std::optional<std::int64_t> held_since(const Json& record, std::int64_t unix_ns) {
  const Json& holders = at(record, "bindtrace.holders");
  const auto ms_ago =
      holders.is_array() && !holders.empty() ? number_at(holders.front(), "bound_by.ms_ago") : std::nullopt;
  return ms_ago ? std::optional(unix_ns - *ms_ago * 1'000'000) : std::nullopt;
}

Moment moment_of(const Json& record, MomentKind kind, std::int64_t unix_ns) {
  Moment moment;
  moment.kind = kind;
  moment.unix_ns = unix_ns;
  moment.host = text_at(record, "host.name");
  moment.address = address_of(record);
  moment.netns = count_at(record, "bindtrace.netns");
  moment.story = first_of({text_at(record, "bindtrace.episode.id"), text_at(record, "event.id")});
  moment.failures = std::max<std::uint64_t>(count_at(record, "bindtrace.episode.attempt"), 1);
  moment.message = text_at(record, "message");
  moment.lost = count_at(record, "bindtrace.lost.ring") + count_at(record, "bindtrace.lost.map");
  moment.suppressed = count_at(record, "bindtrace.suppressed");
  moment.released_after_ms = number_at(record, "bindtrace.released_after_ms");
  moment.victim = victim_of(record);
  moment.holder = holder_of(record);
  moment.held_since_ns = held_since(record, unix_ns);
  moment.cause = text_at(record, "bindtrace.cause");
  moment.certainty = text_at(record, "bindtrace.certainty");
  return moment;
}

void add_line(const std::string& line, Recording& recording) {
  const Json record = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  const std::string version = record.is_object() ? text_at(record, "schema_version") : "";
  const std::size_t dot = version.find('.');
  const auto major = digits(std::string_view(version).substr(0, dot));
  const auto minor = dot == std::string::npos ? std::nullopt : digits(std::string_view(version).substr(dot + 1));
  const auto unix_ns = record.is_object() ? unix_ns_of(text_at(record, "timestamp")) : std::nullopt;
  if (!major || !minor || !unix_ns) {
    recording.unreadable++;
    return;
  }
  if (*major != kMajor) {
    recording.from_the_future++;
    return;
  }
  recording.newer += *minor > kMinor ? 1 : 0;
  const std::string name = text_at(record, "event.name");
  const auto* kind = std::find_if(kKinds.begin(), kKinds.end(), [&](const auto& one) { return one.first == name; });
  if (kind != kKinds.end()) {
    recording.moments.push_back(moment_of(record, kind->second, *unix_ns));
  }
}

}  // namespace

Result<void> add_lines(std::istream& lines, const std::string& name, Recording& recording) {
  const std::uint64_t before = recording.lines;
  const std::uint64_t unreadable_before = recording.unreadable;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) {
      continue;
    }
    recording.lines++;
    const bool whole = !lines.eof();
    const std::uint64_t unreadable = recording.unreadable;
    add_line(line, recording);
    if (!whole && recording.unreadable > unreadable) {
      recording.unreadable--;
      recording.torn = true;
    }
  }
  if (recording.lines > before && recording.unreadable - unreadable_before == recording.lines - before) {
    return fail(ErrorKind::kUsage,
                fmt::format("{} is no recording: give a file that `bindtrace -j` has written", name));
  }
  return {};
}

void sort_by_time(Recording& recording) {
  std::stable_sort(recording.moments.begin(), recording.moments.end(),
                   [](const Moment& a, const Moment& b) { return a.unix_ns < b.unix_ns; });
}

}  // namespace bindtrace
