// SPDX-License-Identifier: Apache-2.0
// The ports that the kernel chooses for connections in a network namespace, from /proc/sys/net/ipv4.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "core/client_ports.h"
#include "enrich/netns.h"

namespace bindtrace {

// In the network namespace of the thread that asks; absent: not to be read, or not whole.
std::optional<ClientPorts> find_client_ports(const std::filesystem::path& proc_root);

// In the one with that inode number, which `netns_file` stands for.
std::optional<ClientPorts> find_client_ports_of(std::uint32_t netns, const std::string& netns_file,
                                                const std::filesystem::path& proc_root, const InNetns& in_netns);

}  // namespace bindtrace
