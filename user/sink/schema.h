// SPDX-License-Identifier: Apache-2.0
// The JSON Schema of all records (schema.json, draft 2020-12), ended by "\n".
#pragma once

#include <string_view>

namespace bindtrace {

std::string_view record_schema();

}  // namespace bindtrace
