// SPDX-License-Identifier: Apache-2.0
// A process from the kernel's facts, completed from /proc while it is still the same one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "core/incident.h"
#include "enrich/proc_dir.h"
#include "enrich/proc_text.h"
#include "enrich/time_budget.h"
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
    std::function<Instant()> clocks = read_clocks;
  };

  // A process as the kernel side saw it. /proc tells start times by the tick: of one that was younger than that when it
  // was seen, name and parent must be the same too, for its pid may be another's by now.
  struct Sight {
    std::uint32_t pid = 0;
    std::uint64_t start_boottime_ns = 0;
    std::uint64_t seen_boottime_ns = 0;
    std::string comm;
    std::optional<std::uint32_t> parent_pid{};  // absent: not known
  };

  explicit ProcessReader(Options options);

  // Process::alive tells whether /proc could add anything. It was seen then, or later.
  Process complete(const Task& task, std::uint64_t seen_boottime_ns);
  // `known` where it is that one.
  Process complete(const Task& task, std::uint64_t seen_boottime_ns, const Process& known);

  // Whether it is still there; absent: it cannot be told, /proc shows other pids, or hides some.
  [[nodiscard]] std::optional<bool> alive(const Sight& sight) const;
  // The same by pid and start time alone.
  [[nodiscard]] std::optional<bool> alive(std::uint32_t pid, std::uint64_t start_boottime_ns) const;

  // Whether it has exited or begun to; absent as above.
  [[nodiscard]] std::optional<bool> exits(std::uint32_t pid, std::uint64_t start_boottime_ns) const;

  // Its directory, while it is the process that started then; once its first thread has exited, that of another of
  // its threads. Absent: gone, a zombie, or not to be seen.
  [[nodiscard]] std::optional<ProcDir> open(const Sight& sight) const;
  [[nodiscard]] std::optional<ProcDir> open(std::uint32_t pid, std::uint64_t start_boottime_ns) const;

 private:
  struct Look {
    std::optional<ProcDir> dir;
    std::optional<bool> alive;
  };
  [[nodiscard]] Look look_at(const Sight& sight) const;
  [[nodiscard]] bool may_be_another(const Sight& sight, const ProcStat& now) const;
  Lineage lineage_of(const Task& task);
  void add_from_proc(const ProcDir& dir, const Task& task, Process& process);

  Options options_;
  std::uint64_t tick_ns_;
  bool sees_pids_;  // the pids under /proc are those of the initial pid namespace, which the kernel side speaks of
  bool sees_all_;   // it hides nobody (hidepid of proc(5)): who is not there is gone
  Users users_;
  TimeBudget lineages_;  // they are a courtesy: 2 % of one core
};

}  // namespace bindtrace
