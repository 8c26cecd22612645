// SPDX-License-Identifier: Apache-2.0
// "key=value,key2=value2" with percent-encoded values, as OpenTelemetry's variables and W3C Baggage have it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace bindtrace {

using NamedTexts = std::vector<std::pair<std::string, std::string>>;

// Values are valid UTF-8. An Error begins with `variable`, where the text is from, and does not quote a value: it may
// be a secret.
Result<NamedTexts> parse_pairs(const std::string& variable, std::string_view text);

// As RFC 9110 has it: what the name of a header may be.
bool is_token(std::string_view text);

}  // namespace bindtrace
