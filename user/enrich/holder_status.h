// SPDX-License-Identifier: Apache-2.0
// What the search for the holder came to, in one word and a reason. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/incident.h"

namespace bindtrace {

// How the search of /proc went; absent where none was made, for every socket had its process.
struct ProcfsOutcome {
  bool over_budget = false;  // it was left out
  std::size_t denied = 0;
  bool cut = false;
};

struct HolderVerdict {
  HolderStatus status = HolderStatus::kNone;
  std::optional<std::string> reason;
};

// `holders` in order, what blocks first.
HolderVerdict judge_holders(const Failure& failure, const std::vector<Holder>& holders,
                            const std::optional<ProcfsOutcome>& procfs);

}  // namespace bindtrace
