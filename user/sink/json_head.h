// SPDX-License-Identifier: Apache-2.0
// What every JSON record begins with, and how a record becomes a line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sink/json_fields.h"

namespace bindtrace {

struct RecordHead {
  std::string_view name;
  std::string_view severity;
  std::int64_t unix_ns = 0;
  std::int64_t observed_unix_ns = 0;
  std::string id;
};

// The same wherever the same record is made again; `host` may be null.
std::string event_id(std::string_view name, const HostFacts* host, std::uint64_t when, std::uint64_t who);

// schema_version, event.*, the times, severity, message.
Json head_json(const RecordHead& head, const std::string& message);

// One object, then "\n".
std::string json_line(const Json& record);

// The record of an event: what render_json() writes, and what other forms are made of (json.cpp).
Json record_of(const Event& event);

}  // namespace bindtrace
