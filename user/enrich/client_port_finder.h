// SPDX-License-Identifier: Apache-2.0
// The ports that the kernel chooses for connections in a network namespace, from /proc/sys/net/ipv4.
#pragma once

#include <filesystem>
#include <optional>

#include "core/client_ports.h"

namespace bindtrace {

// In the network namespace of the thread that asks; absent: not to be read, or not whole.
std::optional<ClientPorts> find_client_ports(const std::filesystem::path& proc_root);

}  // namespace bindtrace
