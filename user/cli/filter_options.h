// SPDX-License-Identifier: Apache-2.0
// The filters as they were typed, and their conversion to a Filter. Pure.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/options.h"
#include "core/filter.h"

namespace bindtrace {

// Each element is what one use of the option was given.
struct TypedFilter {
  std::vector<std::string> pids{};  // lists: "1,2"; so are uids, ports and protocols
  std::vector<std::string> comms{};
  std::vector<std::string> uids{};
  std::vector<std::string> ports{};
  std::vector<std::string> protocols{};
  bool ipv4 = false;
  bool ipv6 = false;
  std::vector<std::string> cgroups{};
  std::vector<std::string> netns{};
  std::vector<std::string> units{};
};

// An Error is ErrorKind::kUsage, one line that names input and remedy.
Result<Filter> convert_filter(const TypedFilter& typed, const Host& host);

}  // namespace bindtrace
