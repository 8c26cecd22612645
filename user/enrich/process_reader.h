// SPDX-License-Identifier: Apache-2.0
// A process from the kernel's facts, completed from /proc while it is still the same one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "core/incident.h"
#include "enrich/proc_dir.h"
#include "enrich/users.h"

namespace bindtrace {

class ProcessReader {
 public:
  struct Options {
    std::filesystem::path proc_root;
    std::filesystem::path passwd;
    std::uint64_t ticks_per_second = 100;
    bool show_args = false;
    std::optional<std::uint32_t> own_pid;  // see Enricher::Options
  };

  explicit ProcessReader(Options options);

  // Process::alive tells whether /proc could add anything.
  Process complete(const Task& task);
  // `known` where it is that one.
  Process complete(const Task& task, const Process& known);

  // Whether it is still there, with that start time; absent: it cannot be told, /proc shows other pids.
  [[nodiscard]] std::optional<bool> alive(std::uint32_t pid, std::uint64_t start_boottime_ns) const;

  // Whether it has exited or begun to; absent as above.
  [[nodiscard]] std::optional<bool> exits(std::uint32_t pid, std::uint64_t start_boottime_ns) const;

  // Its directory, while it is the process that started then; once its first thread has exited, that of another of
  // its threads. Absent: gone, a zombie, or not to be seen.
  [[nodiscard]] std::optional<ProcDir> open(std::uint32_t pid, std::uint64_t start_boottime_ns) const;

 private:
  // Start times that /proc cannot tell apart are the same.
  [[nodiscard]] bool same_tick(std::uint64_t a_boottime_ns, std::uint64_t b_boottime_ns) const;
  void add_from_proc(const ProcDir& dir, const Task& task, Process& process);

  Options options_;
  std::uint64_t tick_ns_;
  bool sees_pids_;  // the pids under /proc are those of the initial pid namespace, which the kernel side speaks of
  Users users_;
};

}  // namespace bindtrace
