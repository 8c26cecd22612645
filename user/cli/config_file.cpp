// SPDX-License-Identifier: Apache-2.0
#include "cli/config_file.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

namespace bindtrace {
namespace {

// Absent: not of a kind that an option takes.
std::optional<std::string> text_of(const toml::node& node) {
  if (const auto* text = node.as_string()) {
    return text->get();
  }
  if (const auto* number = node.as_integer()) {
    return fmt::format("{}", number->get());
  }
  if (const auto* yes = node.as_boolean()) {
    return yes->get() ? "true" : "false";
  }
  return std::nullopt;
}

std::optional<std::vector<std::string>> values_of(const toml::node& node) {
  const toml::array* array = node.as_array();
  if (array == nullptr) {
    const auto text = text_of(node);
    return text ? std::optional<std::vector<std::string>>({*text}) : std::nullopt;
  }
  std::vector<std::string> values;
  for (const toml::node& element : *array) {
    const auto text = text_of(element);
    if (!text) {
      return std::nullopt;
    }
    values.push_back(*text);
  }
  return values;
}

}  // namespace

Result<std::vector<Setting>> parse_config(std::string_view text, const std::string& path) {
  const toml::parse_result table = toml::parse(text);
  if (!table) {
    return fail(ErrorKind::kUsage,
                fmt::format("{}:{}: {}", path, table.error().source().begin.line, table.error().description()));
  }
  std::vector<Setting> settings;
  for (const auto& [key, node] : table.table()) {
    auto values = values_of(node);
    const std::uint32_t line = key.source().begin.line;
    if (!values) {
      return fail(
          ErrorKind::kUsage,
          fmt::format("{}:{}: '{}' is no setting: a value is a text, a whole number, true or false, or an array "
                      "of these",
                      path, line, key.str()));
    }
    settings.push_back({std::string(key.str()), *std::move(values), line});
  }
  std::sort(settings.begin(), settings.end(), [](const Setting& a, const Setting& b) { return a.line < b.line; });
  return settings;
}

}  // namespace bindtrace
