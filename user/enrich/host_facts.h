// SPDX-License-Identifier: Apache-2.0
// The machine's name, ids and kernel release, read once at start.
#pragma once

#include <filesystem>
#include <string>

#include "core/incident.h"

namespace bindtrace {

HostFacts read_host_facts(const std::filesystem::path& proc_root, const std::filesystem::path& etc_root,
                          std::string service_version);

// The unified (v2) cgroup hierarchy is in use. Without it all processes are in its root. True also where /proc does
// not tell.
bool has_unified_cgroups(const std::filesystem::path& proc_root);

}  // namespace bindtrace
