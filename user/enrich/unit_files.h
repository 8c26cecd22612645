// SPDX-License-Identifier: Apache-2.0
// The .socket units that a service manager knows by its unit files, with the manager's order of directories, masks,
// aliases and drop-ins (systemd.unit(5)).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "enrich/root_directory.h"
#include "enrich/socket_unit.h"

namespace bindtrace {

// Where a manager looks for unit files; the first place counts.
struct UnitSearchPath {
  std::vector<std::string> directories;
  std::string runtime_directory;  // %t
};

UnitSearchPath system_search_path();
// Of a user's manager; without `home` the directories there are left out.
UnitSearchPath user_search_path(std::uint32_t uid, const std::optional<std::string>& home);

// What cannot be read is left out; at most some thousands.
std::vector<SocketUnit> read_socket_units(const RootDirectory& root, const UnitSearchPath& search_path);

}  // namespace bindtrace
