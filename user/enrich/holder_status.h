// SPDX-License-Identifier: Apache-2.0
// What the search for the holder came to, in one word and a reason. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/incident.h"

namespace bindtrace {

// How the search of all descriptors went; absent where none was needed, for every socket had its process.
struct SearchOutcome {
  std::optional<std::string> doubt{};  // why finding nobody does not mean that there is nobody
};

struct HolderVerdict {
  HolderStatus status = HolderStatus::kNone;
  std::optional<std::string> reason;
};

// `holders` in order, what blocks first; path_file is that of the incident.
HolderVerdict judge_holders(const Failure& failure, const std::vector<Holder>& holders,
                            const std::optional<SearchOutcome>& search,
                            std::optional<PathFile> path_file = std::nullopt);

// Of a socket that is still there after a search of all descriptors that found nobody.
HolderVerdict without_descriptor();

}  // namespace bindtrace
