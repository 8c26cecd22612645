// SPDX-License-Identifier: Apache-2.0
// Turns a failure into an incident: completes victim and holders from /proc.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "core/binding.h"
#include "core/incident.h"
#include "core/search.h"
#include "core/stop.h"
#include "enrich/netns.h"

namespace bindtrace {

class Enricher {
 public:
  struct Options {
    std::filesystem::path proc_root = "/proc";
    std::filesystem::path etc_root = "/etc";
    std::filesystem::path cgroup_root = "/sys/fs/cgroup";
    std::function<Instant()> clocks = read_clocks;
    std::uint64_t ticks_per_second = 100;  // sysconf(_SC_CLK_TCK)
    bool show_args = false;                // Process::command_line, redacted
    // Ours in the initial pid namespace: where /proc/self is another, /proc tells nothing of the processes that the
    // kernel side names. Absent: taken to be the same.
    std::optional<std::uint32_t> own_pid;
    std::vector<std::filesystem::path> netns_directories{};  // where network namespaces have names
    std::optional<std::uint32_t> own_netns;                  // inode number; absent: not known
    InNetns in_netns = bindtrace::in_netns;
    FindBinding find_binding{};  // absent: who bound a socket is not known
    FindStop find_stop{};        // absent: who was told to stop is not known
    SearchSockets search{};      // absent: no process is looked for that the kernel did not name in the failing call
    bool whole_port = false;     // also look for who has the sockets on the port that cannot have refused
  };

  explicit Enricher(const Options& options);
  ~Enricher();
  Enricher(const Enricher&) = delete;
  Enricher& operator=(const Enricher&) = delete;

  // Everything but diagnosis, tier and host. Never fails: what cannot be learnt stays absent, and
  // where that concerns the holder, holder_status and holder_reason say so.
  Incident enrich(Failure failure);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace bindtrace
