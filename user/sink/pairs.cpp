// SPDX-License-Identifier: Apache-2.0
#include "sink/pairs.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

#include <fmt/format.h>

#include "base/escape.h"

namespace bindtrace {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) {
    return {};
  }
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::optional<std::string> percent_decoded(std::string_view text) {
  constexpr int kHexadecimal = 16;
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const std::string_view code = text.substr(i + 1, 2);
    std::uint8_t byte = 0;
    const auto [end, error] = std::from_chars(code.data(), code.data() + code.size(), byte, kHexadecimal);
    if (code.size() != 2 || error != std::errc{} || end != code.data() + code.size()) {
      return std::nullopt;
    }
    decoded += static_cast<char>(byte);
    i += 2;
  }
  return decoded;
}

}  // namespace

Result<NamedTexts> parse_pairs(const std::string& variable, std::string_view text) {
  NamedTexts pairs;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view pair = trimmed(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
    if (pair.empty()) {
      continue;
    }
    const std::size_t equals = pair.find('=');
    const std::string_view key = trimmed(pair.substr(0, equals));
    if (equals == std::string_view::npos || key.empty()) {
      return fail(ErrorKind::kUsage, variable + " is no list of pairs: give name=value,name=value");
    }
    const auto value = percent_decoded(trimmed(pair.substr(equals + 1)));
    if (!value) {
      return fail(ErrorKind::kUsage, fmt::format("{} has a '%' in the value of {} that is no code of a byte: write %25",
                                                 variable, sanitize_utf8(key)));
    }
    pairs.emplace_back(sanitize_utf8(key), sanitize_utf8(*value));
  }
  return pairs;
}

bool is_token(std::string_view text) {
  constexpr std::string_view kToken = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  return !text.empty() && text.find_first_not_of(kToken) == std::string_view::npos;
}

}  // namespace bindtrace
