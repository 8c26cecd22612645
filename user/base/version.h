// SPDX-License-Identifier: Apache-2.0
// The version of this build.
#pragma once

#include <string_view>

namespace bindtrace {

std::string_view version();

}  // namespace bindtrace
