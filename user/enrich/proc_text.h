// SPDX-License-Identifier: Apache-2.0
// The formats of files under /proc/PID (proc(5)). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bindtrace {

struct ProcStat {
  std::string comm;  // may hold any byte, ")" and line breaks too
  char state = '?';
  std::uint32_t parent_pid = 0;
  std::uint64_t start_ticks = 0;  // since boot
};

std::optional<ProcStat> parse_stat(std::string_view text);

struct ProcStatus {
  std::optional<std::uint32_t> uid;   // effective
  std::optional<std::uint32_t> vpid;  // of the process, in the innermost pid namespace
};

ProcStatus parse_status(std::string_view text);

// cmdline: arguments ended by NUL. A `cut` text loses its last, incomplete argument.
std::vector<std::string> parse_cmdline(std::string_view text, bool cut);

// The path in the unified hierarchy, else in systemd's own; on hybrid hosts the one that names a unit
// or container.
std::optional<std::string> parse_cgroup(std::string_view text);

// "socket:[12345]"
std::optional<std::uint64_t> parse_socket_link(std::string_view target);

}  // namespace bindtrace
