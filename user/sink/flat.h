// SPDX-License-Identifier: Apache-2.0
// A record as attributes with flat, dotted names: not every store of logs keeps an object within another.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "sink/json_fields.h"

namespace bindtrace {

using FlatValue = std::variant<std::string, bool, std::int64_t, double, std::vector<std::string>>;

struct Attribute {
  std::string name;  // "network.local.port"
  FlatValue value;

  friend bool operator==(const Attribute&, const Attribute&) = default;
};

struct FlatRecord {
  std::vector<Attribute> resource;    // the machine and the build, the same in each record
  std::vector<Attribute> attributes;  // the rest, but for the times, severity and message
};

// Of what record_of() makes. Null is left out. An array becomes texts, an object within one its JSON. Of the holders
// comes one, as bindtrace.holder.*: the first that blocks, else the first; bindtrace.holder.count says how many there
// are.
FlatRecord flatten(Json record);

}  // namespace bindtrace
