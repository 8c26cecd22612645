// SPDX-License-Identifier: Apache-2.0
// The formats of files under /proc/PID (proc(5)). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bindtrace {

// The name in it may hold any byte, ")" and line breaks too.
struct ProcStat {
  char state = '?';
  std::uint64_t start_ticks = 0;  // since boot
  bool exiting = false;           // it has begun to exit: its descriptors are closed, or will be
};

std::optional<ProcStat> parse_stat(std::string_view text);

// status: the process's own id in the innermost pid namespace.
std::optional<std::uint32_t> parse_vpid(std::string_view status);

// cmdline: arguments ended by NUL. A `cut` text loses its last, incomplete argument.
std::vector<std::string> parse_cmdline(std::string_view text, bool cut);

// The path in the unified hierarchy, else in systemd's own; on hybrid hosts the one that names a unit
// or container.
std::optional<std::string> parse_cgroup(std::string_view text);

// "socket:[12345]"
std::optional<std::uint64_t> parse_socket_link(std::string_view target);

}  // namespace bindtrace
