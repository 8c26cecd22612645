// SPDX-License-Identifier: Apache-2.0
// The process's environment (environ(7)).
#pragma once

#include <cstdlib>
#include <optional>
#include <string>

namespace bindtrace {

// Absent: it is not set.
inline std::optional<std::string> environment_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): nobody sets one
  return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
}

}  // namespace bindtrace
