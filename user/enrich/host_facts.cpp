// SPDX-License-Identifier: Apache-2.0
#include "enrich/host_facts.h"

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

}  // namespace bindtrace
