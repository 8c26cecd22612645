// SPDX-License-Identifier: Apache-2.0
#include "enrich/host_facts.h"

#include <fstream>
#include <utility>

#include "enrich/proc_dir.h"

namespace bindtrace {

HostFacts read_host_facts(const std::filesystem::path& proc_root, const std::filesystem::path& etc_root,
                          std::string service_version) {
  HostFacts host;
  host.name = read_line_file(proc_root / "sys/kernel/hostname");
  host.id = read_line_file(etc_root / "machine-id");
  host.boot_id = read_line_file(proc_root / "sys/kernel/random/boot_id");
  host.os_version = read_line_file(proc_root / "sys/kernel/osrelease");
  host.service_version = std::move(service_version);
  return host;
}

// cgroups(7): its line begins with "0::", and is there once the hierarchy has been mounted.
bool has_unified_cgroups(const std::filesystem::path& proc_root) {
  std::ifstream file(proc_root / "self/cgroup");
  bool told = false;
  for (std::string line; std::getline(file, line); told = true) {
    if (line.starts_with("0::")) {
      return true;
    }
  }
  return !told;
}

}  // namespace bindtrace
