// SPDX-License-Identifier: Apache-2.0
// Finds out for whom a holder has its socket, where it is a program that is known to have sockets for others.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "base/clock.h"
#include "core/incident.h"
#include "enrich/process_reader.h"
#include "enrich/socket_unit_finder.h"
#include "enrich/time_budget.h"

namespace bindtrace {

class Unwrapper {
 public:
  struct Options {
    std::filesystem::path proc_root;
    std::filesystem::path cgroup_root;
    std::function<Instant()> clocks;
    // What it may take: this part of the time that passes, saved up to the limit.
    std::uint64_t divisor = 50;             // 2 % of one core
    std::int64_t limit_ns = 1'000'000'000;  // unit files take milliseconds, on a busy machine a hundred of them
  };

  Unwrapper(const Options& options, const ProcessReader& processes);

  // Absent: the process is no stand-in. What could not be found out is absent in it, with a doubt.
  std::optional<OnBehalf> unwrap(const Holder& holder);

 private:
  // A socket in a process: for whom it is does not change.
  using Key = std::tuple<std::uint32_t, std::uint64_t, std::uint64_t>;

  [[nodiscard]] OnBehalf look(const Holder& holder, const ProcDir& dir, StandIn stand_in, ManagerOf manager) const;
  void look_for_published_port(const Holder& holder, const ProcDir& dir, OnBehalf& on_behalf) const;
  void look_behind_docker_proxy(const ProcDir& dir, const std::vector<std::string>& argv, OnBehalf& on_behalf) const;
  void look_behind_namespace(const Holder& holder, const ProcDir& dir, OnBehalf& on_behalf) const;

  std::filesystem::path proc_root_;
  std::filesystem::path cgroup_root_;
  const ProcessReader& processes_;
  TimeBudget budget_;
  std::map<Key, OnBehalf> known_;
};

}  // namespace bindtrace
