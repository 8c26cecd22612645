// SPDX-License-Identifier: Apache-2.0
#include "enrichment.h"

#include <cstddef>
#include <span>
#include <utility>

namespace bindtrace {

Task task(std::uint32_t pid, std::uint64_t start_ticks) {
  Task task;
  task.pid = pid;
  task.start_boottime_ns = start_ticks * kTickNs + 123;  // the kernel knows more than ticks
  task.comm = "nginx";
  task.executable_name = {"nginx"};
  task.executable = FileId{7, 1};
  task.parent_pid = 1;
  task.cgroup_id = 42;
  task.cgroup_names = {{"nginx.service"}, {"system.slice"}};
  return task;
}

Owner owner(Task task, std::vector<std::uint32_t> fds) {
  Owner owner;
  owner.task = std::move(task);
  owner.sockets = {{kInode, std::move(fds)}};
  return owner;
}

EnricherTest::EnricherTest() {
  failure_.head.key.ktime_ns = kFailureTime;
  failure_.victim = task(1234, 5000);
  failure_.request.endpoint = {Transport::kTcp, ipv4(0, 0, 0, 0), 80};
  failure_.sockets = {listener()};
  failure_.socket_count = 1;
  failure_.walked = true;
  failure_.scan.status = ScanStatus::kComplete;
}

Enricher::Options EnricherTest::options() {
  Enricher::Options options;
  options.proc_root = tree_.proc();
  options.etc_root = tree_.etc();
  options.clocks = [this] { return now_; };
  options.search = [this](std::span<const std::byte> query) { return holdings_.search(query); };
  options.find_binding = [this](std::uint64_t inode) { return holdings_.find_binding(inode); };
  options.find_stop = [this](std::uint32_t pid) { return holdings_.find_stop(pid); };
  return options;
}

Incident EnricherTest::enrich(bool show_args) {
  Enricher::Options with_args = options();
  with_args.show_args = show_args;
  return Enricher(with_args).enrich(failure_);
}

}  // namespace bindtrace
