// SPDX-License-Identifier: Apache-2.0
#include "base/words.h"

#include <fmt/format.h>

namespace bindtrace {

std::string counted(std::uint64_t count, std::string_view thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

}  // namespace bindtrace
