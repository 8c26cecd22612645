// SPDX-License-Identifier: Apache-2.0
// The file that a Unix path names, as the process saw it that could not bind it.
#pragma once

#include <filesystem>
#include <optional>

#include "base/result.h"
#include "base/unique_fd.h"
#include "core/incident.h"
#include "enrich/process_reader.h"

namespace bindtrace {

struct VictimPath {
  PathFile kind = PathFile::kNothing;
  UniqueFd file;  // O_PATH; not valid for kNothing
};

// Through the victim's own root and directory while it lives; an absolute path also through another process that has
// its mount namespace and root. bind(2) does not follow a symbolic link in the last place, nor does this. An error says
// why the file could not be looked up.
Result<VictimPath> open_victim_path(const std::filesystem::path& proc_root, const ProcessReader& processes,
                                    const Failure& failure);

}  // namespace bindtrace
