// SPDX-License-Identifier: Apache-2.0
#include "cli/quantity.h"

#include <array>
#include <charconv>
#include <cstddef>
#include <limits>

namespace bindtrace {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor = 1;
};

struct Quantity {
  std::string_view number;
  std::uint64_t factor = 1;
};

template <typename Number>
std::optional<Number> whole_text(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

// "1.5s" into its number and the factor of its unit.
template <std::size_t N>
std::optional<Quantity> split(std::string_view text, const std::array<Unit, N>& units) {
  const std::size_t last_digit = text.find_last_of("0123456789");
  if (last_digit == std::string_view::npos) {
    return std::nullopt;
  }
  for (const Unit& unit : units) {
    if (text.substr(last_digit + 1) == unit.name) {
      return Quantity{text.substr(0, last_digit + 1), unit.factor};
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::uint64_t> parse_count(std::string_view text) {
  return whole_text<std::uint64_t>(text);
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  constexpr std::array kUnits{Unit{"", 1000}, Unit{"s", 1000}, Unit{"ms", 1}, Unit{"m", 60'000}, Unit{"h", 3'600'000}};
  constexpr double kLongestMs = 1e15;
  const auto quantity = split(text, kUnits);
  const auto number = quantity ? whole_text<double>(quantity->number) : std::nullopt;
  if (!number) {
    return std::nullopt;
  }
  const double ms = *number * static_cast<double>(quantity->factor);
  return ms >= 1 && ms < kLongestMs ? std::optional(std::chrono::milliseconds(static_cast<std::int64_t>(ms)))
                                    : std::nullopt;
}

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
  constexpr std::uint64_t kKibi = 1024;
  constexpr std::array kUnits{Unit{"", 1}, Unit{"K", kKibi}, Unit{"k", kKibi}, Unit{"M", kKibi * kKibi},
                              Unit{"m", kKibi * kKibi}};
  const auto quantity = split(text, kUnits);
  const auto number = quantity ? whole_text<std::uint64_t>(quantity->number) : std::nullopt;
  if (!number || *number > std::numeric_limits<std::uint64_t>::max() / quantity->factor) {
    return std::nullopt;
  }
  return *number * quantity->factor;
}

}  // namespace bindtrace
