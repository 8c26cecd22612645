// SPDX-License-Identifier: Apache-2.0
// Numbers with units, as people type them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace bindtrace {

// "90", "1.5s", "500ms", "10m", "2h": a plain number is seconds. More than 0.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

// "262144", "256K", "4M".
std::optional<std::uint64_t> parse_bytes(std::string_view text);

// Digits only.
std::optional<std::uint64_t> parse_count(std::string_view text);

}  // namespace bindtrace
