// SPDX-License-Identifier: Apache-2.0
// The .socket unit in whose cgroup a socket was made: systemd makes those of IP there, so that the unit's filters apply
// to them (systemd's socket.c, socket_address_listen_in_cgroup).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace bindtrace {

// `manager` is the cgroup of the service manager, "/init.scope"; `cgroup_id` that of the socket.
std::optional<std::string> socket_unit_of_cgroup(const std::filesystem::path& cgroup_root, std::string_view manager,
                                                 std::uint64_t cgroup_id);

}  // namespace bindtrace
