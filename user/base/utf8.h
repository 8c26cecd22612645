// SPDX-License-Identifier: Apache-2.0
// Splits bytes into UTF-8 characters and the parts that are none (Unicode 15, table 3-7).
#pragma once

#include <cstddef>
#include <string_view>

namespace bindtrace {

struct Utf8Step {
  char32_t code_point = 0;  // meaningless when not valid
  std::size_t length = 0;   // bytes taken, at least 1
  bool valid = false;
};

// The first step of a string that is not empty. An invalid step covers the maximal subpart.
Utf8Step first_utf8_step(std::string_view bytes);

}  // namespace bindtrace
