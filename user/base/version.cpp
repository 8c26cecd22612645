// SPDX-License-Identifier: Apache-2.0
#include "base/version.h"

namespace bindtrace {

std::string_view version() {
  return BINDTRACE_VERSION;
}

}  // namespace bindtrace
