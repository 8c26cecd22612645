// SPDX-License-Identifier: Apache-2.0
// Which .socket unit a service manager has a socket for: by the cgroup in which the socket was made, and by the
// addresses that the unit files name.
#pragma once

#include <filesystem>

#include "core/incident.h"
#include "enrich/proc_dir.h"

namespace bindtrace {

enum class ManagerOf { kSystem, kUser };

// `dir` is that of the holder's process, the manager.
OnBehalf find_socket_unit(const Holder& holder, const ProcDir& dir, ManagerOf manager,
                          const std::filesystem::path& cgroup_root);

}  // namespace bindtrace
