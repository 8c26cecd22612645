// SPDX-License-Identifier: Apache-2.0
// One JSON record of the tracer, read by the dotted paths of its contract.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace bindtrace {

class Record {
 public:
  // Throws nlohmann::json::parse_error unless the line is one JSON object in valid UTF-8.
  static Record parse(std::string_view line);

  // "bindtrace.holders" or "holders[]"-free steps below an element; absent paths read as null.
  [[nodiscard]] nlohmann::json at(std::string_view path) const;
  [[nodiscard]] bool has(std::string_view path) const;

  // The holders, each to be read by paths of its own; empty unless there are any.
  [[nodiscard]] std::vector<Record> holders() const;
  // The first holder, or an empty record.
  [[nodiscard]] Record holder() const;
  // The holder that is process `pid`, or an empty record.
  [[nodiscard]] Record holder_with_pid(int pid) const;

  [[nodiscard]] std::string text() const { return json_.dump(1); }

 private:
  explicit Record(nlohmann::json json) : json_(std::move(json)) {}
  [[nodiscard]] const nlohmann::json* find(std::string_view path) const;

  nlohmann::json json_;
};

// Nanoseconds of an RFC 3339 time in UTC, or -1.
int64_t time_ns(const nlohmann::json& text);

}  // namespace bindtrace
