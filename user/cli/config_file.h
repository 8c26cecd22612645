// SPDX-License-Identifier: Apache-2.0
// The configuration file: TOML 1.0 (toml.io) with the long options as its keys. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bindtrace {

// log-file = "/var/log/bindtrace/events.jsonl"
struct Setting {
  std::string name;
  std::vector<std::string> values;  // one, or those of an array; numbers and booleans as TOML writes them
  std::uint32_t line = 0;
};

// In the file's order. An Error is ErrorKind::kUsage and begins with `path` and the line.
Result<std::vector<Setting>> parse_config(std::string_view text, const std::string& path);

}  // namespace bindtrace
