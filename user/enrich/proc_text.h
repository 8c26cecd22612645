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
  std::string comm;
  char state = '?';
  std::uint32_t parent_pid = 0;   // 0: none
  std::uint64_t start_ticks = 0;  // since boot
  bool exiting = false;           // it has begun to exit: its descriptors are closed, or will be
};

std::optional<ProcStat> parse_stat(std::string_view text);

// status: the process's own id in the innermost pid namespace.
std::optional<std::uint32_t> parse_vpid(std::string_view status);

// cmdline: arguments ended by NUL. A `cut` text loses its last, incomplete argument.
std::vector<std::string> parse_cmdline(std::string_view text, bool cut);

// The path that says most of who runs there: it names a container, else a unit; of equals the one in the unified
// hierarchy goes first, then systemd's own, then those of the controllers. Where none names anyone: the first two
// alone.
struct CgroupPath {
  std::string path;
  bool unified = false;
};
std::optional<CgroupPath> parse_cgroup(std::string_view text);

// "socket:[12345]"
std::optional<std::uint64_t> parse_socket_link(std::string_view target);

}  // namespace bindtrace
