// SPDX-License-Identifier: Apache-2.0
// What the tests cannot do without.
#pragma once

#include <cerrno>
#include <stdexcept>
#include <string>
#include <system_error>

namespace bindtrace {

// Throws what errno says where it is not good.
inline void must(bool good, const char* what) {
  if (!good) {
    throw std::runtime_error(std::string(what) + ": " + std::generic_category().message(errno));
  }
}

}  // namespace bindtrace
