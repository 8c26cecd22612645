// SPDX-License-Identifier: Apache-2.0
// Who started a process: its parent, as the kernel side saw it, and from there what /proc tells now.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>

#include "core/incident.h"

namespace bindtrace {

inline constexpr std::size_t kMaxAncestors = 8;

// A parent is older than its child: one that started later has got the pid of a parent that is gone.
Lineage read_lineage(const std::filesystem::path& proc_root, const Task& task, std::uint64_t start_ticks);

}  // namespace bindtrace
