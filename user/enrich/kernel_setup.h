// SPDX-License-Identifier: Apache-2.0
// How this kernel and our place in it are set up, as /proc and /sys tell. Absent: they do not.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "core/blind_spots.h"

namespace bindtrace {

// "none", "integrity", "confidentiality"; absent also where securityfs is not mounted.
std::optional<std::string> read_lockdown(const std::filesystem::path& sys_root);

std::optional<CgroupHierarchy> read_cgroup_hierarchy(const std::filesystem::path& proc_root);

// Whether the module vsock tells its types; absent where it is not loaded.
std::optional<bool> vsock_has_types(const std::filesystem::path& proc_root, const std::filesystem::path& sys_root);

// Whether we are in the kernel's first namespace of its kind: its number is the same everywhere (linux/proc_ns.h).
std::optional<bool> in_initial_user_namespace(const std::filesystem::path& proc_root);
std::optional<bool> in_initial_pid_namespace(const std::filesystem::path& proc_root);

// Whether /proc shows the processes of all users (hidepid of proc(5)): who is not there is then gone.
bool shows_all_processes(const std::filesystem::path& proc_root);

}  // namespace bindtrace
