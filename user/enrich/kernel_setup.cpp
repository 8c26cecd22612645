// SPDX-License-Identifier: Apache-2.0
#include "enrich/kernel_setup.h"

#include <cstdint>
#include <fstream>
#include <sstream>
#include <system_error>

#include <fmt/format.h>

#include "enrich/proc_dir.h"

namespace bindtrace {
namespace {

constexpr std::uint32_t kInitialUser = 0xEFFFFFFD;  // PROC_USER_INIT_INO
constexpr std::uint32_t kInitialPid = 0xEFFFFFFC;   // PROC_PID_INIT_INO

std::optional<bool> is_namespace(const std::filesystem::path& link, std::string_view kind, std::uint32_t number) {
  std::error_code error;
  const std::filesystem::path target = std::filesystem::read_symlink(link, error);
  return error ? std::nullopt : std::optional(target == fmt::format("{}:[{}]", kind, number));
}

}  // namespace

std::optional<std::string> read_lockdown(const std::filesystem::path& sys_root) {
  const std::string modes = read_line_file(sys_root / "kernel/security/lockdown").value_or("");
  const std::size_t start = modes.find('[');
  const std::size_t end = modes.find(']');
  if (start == std::string::npos || end == std::string::npos || end < start) {
    return std::nullopt;
  }
  return modes.substr(start + 1, end - start - 1);
}

// A line for each hierarchy that is mounted (cgroups(7)): "4:memory:/path" of v1, "0::/path" of v2.
std::optional<CgroupHierarchy> read_cgroup_hierarchy(const std::filesystem::path& proc_root) {
  std::istringstream lines(read_line_file(proc_root / "self/cgroup").value_or(""));
  bool v1 = false;
  bool v2 = false;
  for (std::string line; std::getline(lines, line);) {
    (line.starts_with("0::") ? v2 : v1) = true;
  }
  if (!v1 && !v2) {
    return std::nullopt;
  }
  if (!v1) {
    return CgroupHierarchy::kV2;
  }
  return v2 ? CgroupHierarchy::kHybrid : CgroupHierarchy::kV1;
}

std::optional<bool> vsock_has_types(const std::filesystem::path& proc_root, const std::filesystem::path& sys_root) {
  std::ifstream modules(proc_root / "modules");
  for (std::string line; std::getline(modules, line);) {
    if (line.starts_with("vsock ")) {
      std::error_code error;
      return std::filesystem::exists(sys_root / "kernel/btf/vsock", error);
    }
  }
  return std::nullopt;
}

std::optional<bool> in_initial_user_namespace(const std::filesystem::path& proc_root) {
  return is_namespace(proc_root / "self/ns/user", "user", kInitialUser);
}

std::optional<bool> in_initial_pid_namespace(const std::filesystem::path& proc_root) {
  return is_namespace(proc_root / "self/ns/pid", "pid", kInitialPid);
}

// Process 1 is root's: one that sees it either sees all, or has what it takes to.
bool shows_all_processes(const std::filesystem::path& proc_root) {
  return read_line_file(proc_root / "1/stat").has_value();
}

}  // namespace bindtrace
