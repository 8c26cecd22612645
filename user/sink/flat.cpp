// SPDX-License-Identifier: Apache-2.0
#include "sink/flat.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>
#include <utility>

namespace bindtrace {
namespace {

constexpr std::array<std::string_view, 4> kNoAttributes{"timestamp", "observed_timestamp", "severity", "message"};
constexpr std::array<std::string_view, 5> kOfTheResource{"host.name", "host.id", "os.version", "service.version",
                                                         "bindtrace.boot_id"};

bool is_among(const auto& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Neither null nor an object.
FlatValue flat_value(const Json& value) {
  if (value.is_boolean()) {
    return value.get<bool>();
  }
  if (value.is_number_float()) {
    return value.get<double>();
  }
  const bool too_large = value.is_number_unsigned() &&
                         value.get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()};
  if (value.is_number() && !too_large) {
    return value.get<std::int64_t>();
  }
  if (!value.is_array()) {
    return text_of(value);
  }
  std::vector<std::string> texts;
  for (const Json& element : value) {
    texts.push_back(text_of(element));
  }
  return texts;
}

// As deep as the schema, which is ours.
// NOLINTNEXTLINE(misc-no-recursion)
void flatten_into(const std::string& prefix, const Json& object, FlatRecord& flat) {
  for (const auto& [key, value] : object.items()) {
    const std::string name = prefix + key;
    if (value.is_object()) {
      flatten_into(name + '.', value, flat);
    } else if (!value.is_null() && !is_among(kNoAttributes, name)) {
      auto& attributes = is_among(kOfTheResource, name) ? flat.resource : flat.attributes;
      attributes.push_back({name, flat_value(value)});
    }
  }
}

void keep_one_holder(Json& own) {
  if (!own.contains("holders")) {
    return;
  }
  const Json* told = main_holder(own);
  Json one = told != nullptr ? *told : Json::object();
  one["count"] = own["holders"].size();
  own.erase("holders");
  own["holder"] = std::move(one);
}

}  // namespace

FlatRecord flatten(Json record) {
  keep_one_holder(record["bindtrace"]);
  FlatRecord flat;
  flatten_into("", record, flat);
  return flat;
}

}  // namespace bindtrace
