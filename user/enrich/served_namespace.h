// SPDX-License-Identifier: Apache-2.0
// The network namespace that a proxy forwards to, which is not its own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "core/on_behalf.h"
#include "enrich/proc_dir.h"

namespace bindtrace {

// By a descriptor that it has of the namespace, by the namespace of a child, or by its command line. `dir` is that of
// process `pid`.
std::optional<std::uint32_t> served_namespace(const std::filesystem::path& proc_root, std::uint32_t pid,
                                              const ProcDir& dir, StandIn stand_in);

}  // namespace bindtrace
