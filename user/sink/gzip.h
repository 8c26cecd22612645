// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace bindtrace {

// As Content-Encoding: gzip has it.
std::string gzip(std::string_view bytes);

}  // namespace bindtrace
