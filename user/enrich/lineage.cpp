// SPDX-License-Identifier: Apache-2.0
#include "enrich/lineage.h"

#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "enrich/proc_dir.h"
#include "enrich/proc_text.h"

namespace bindtrace {
namespace {

std::string label(const Ancestor& ancestor) {
  return fmt::format("{}[{}]", ancestor.comm, ancestor.pid);
}

std::optional<ProcStat> older_process(const std::filesystem::path& proc_root, std::uint32_t pid,
                                      std::uint64_t child_start_ticks) {
  const auto dir = ProcDir::open(proc_root, pid);
  const auto text = dir ? dir->read_file("stat") : Result<std::string>(tl::unexpected(dir.error()));
  auto stat = text ? parse_stat(*text) : std::nullopt;
  return stat && stat->start_ticks <= child_start_ticks ? std::move(stat) : std::nullopt;
}

}  // namespace

Lineage read_lineage(const std::filesystem::path& proc_root, const Task& task, std::uint64_t start_ticks) {
  Lineage lineage;
  if (!task.parent_pid) {
    return lineage;
  }
  lineage.ancestors.push_back({*task.parent_pid, task.parent_comm});
  if (*task.parent_pid == 1) {
    return lineage;
  }
  auto stat = older_process(proc_root, *task.parent_pid, start_ticks);
  if (!stat) {
    lineage.cut = label(lineage.ancestors.back()) + " is not to be seen in /proc";
  }
  while (stat && stat->parent_pid != 0) {
    if (lineage.ancestors.size() == kMaxAncestors) {
      lineage.cut = fmt::format("there are more than {}", kMaxAncestors);
      break;
    }
    const std::uint32_t pid = stat->parent_pid;
    stat = older_process(proc_root, pid, stat->start_ticks);
    if (!stat) {
      lineage.cut = fmt::format("the parent of {} is not to be seen in /proc", label(lineage.ancestors.back()));
      break;
    }
    lineage.ancestors.push_back({pid, stat->comm});
  }
  return lineage;
}

}  // namespace bindtrace
