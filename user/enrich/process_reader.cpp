// SPDX-License-Identifier: Apache-2.0
#include "enrich/process_reader.h"

#include <cstddef>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "enrich/proc_text.h"
#include "enrich/redact.h"

namespace bindtrace {
namespace {

constexpr std::uint64_t kNsPerSecond = 1'000'000'000;
constexpr std::size_t kMaxCmdline = 131'072;  // a Java class path comes before the main class

Process from_kernel(const Task& task) {
  Process process;
  process.pid = task.pid;
  process.start_boottime_ns = task.start_boottime_ns;
  process.uid = task.uid;
  process.comm = task.comm;
  process.program = program_of(std::nullopt, task.executable_name, task.executable, {}, std::nullopt);
  process.parent_pid = task.parent_pid;
  process.parent_comm = task.parent_comm;
  process.cgroup = whole_cgroup_path(task.cgroup_names, task.cgroup_id.has_value());
  process.cgroup_id = task.cgroup_id;
  process.place = identify_cgroup(task.cgroup_names);
  process.exiting = task.exiting;
  process.kernel_thread = task.kernel_thread;
  return process;
}

std::optional<std::string> link_of(const ProcDir& dir, const char* name) {
  auto target = dir.read_link(name);
  return target ? std::optional(*std::move(target)) : std::nullopt;
}

std::vector<std::string> argv_of(const ProcDir& dir) {
  const auto text = dir.read_file("cmdline", kMaxCmdline);
  return text ? parse_cmdline(*text, text->size() == kMaxCmdline) : std::vector<std::string>{};
}

// A process keeps pid and start time over execve: what runs now need not be what failed then.
bool executed_another(const Task& task, const Program& now) {
  const Name& then = task.executable_name;
  return !then.text.empty() && !(then.cut ? now.name.starts_with(then.text) : now.name == then.text);
}

// A /proc that was mounted in another pid namespace numbers us otherwise.
bool has_initial_pids(const std::filesystem::path& proc_root, std::optional<std::uint32_t> own_pid) {
  std::error_code error;
  return !own_pid || std::filesystem::read_symlink(proc_root / "self", error) == std::to_string(*own_pid);
}

// The first thread is a zombie until the last one ends, and has given up all that /proc could show.
std::optional<ProcDir> living_thread(const std::filesystem::path& proc_root, std::uint32_t pid) {
  const std::filesystem::path threads = proc_root / std::to_string(pid) / "task";
  for (const std::uint32_t tid : list_pids(threads)) {
    auto dir = ProcDir::open(threads, tid);
    const auto text = dir ? dir->read_file("stat") : Result<std::string>(tl::unexpected(dir.error()));
    const auto stat = text ? parse_stat(*text) : std::nullopt;
    if (stat && stat->state != 'Z' && stat->state != 'X') {
      return std::optional<ProcDir>(*std::move(dir));
    }
  }
  return std::nullopt;
}

}  // namespace

ProcessReader::ProcessReader(Options options)
    : options_(std::move(options)),
      tick_ns_(kNsPerSecond / options_.ticks_per_second),
      sees_pids_(has_initial_pids(options_.proc_root, options_.own_pid)),
      users_(options_.passwd) {}

bool ProcessReader::same_tick(std::uint64_t a_boottime_ns, std::uint64_t b_boottime_ns) const {
  return a_boottime_ns / tick_ns_ == b_boottime_ns / tick_ns_;
}

std::optional<ProcDir> ProcessReader::open(std::uint32_t pid, std::uint64_t start_boottime_ns) const {
  if (!sees_pids_) {
    return std::nullopt;
  }
  auto dir = ProcDir::open(options_.proc_root, pid);
  if (!dir) {
    return std::nullopt;
  }
  const auto text = dir->read_file("stat");
  const auto stat = text ? parse_stat(*text) : std::nullopt;
  if (!stat || stat->state == 'X' || stat->start_ticks != start_boottime_ns / tick_ns_) {
    return std::nullopt;
  }
  if (stat->state == 'Z') {
    return living_thread(options_.proc_root, pid);
  }
  return std::optional<ProcDir>(*std::move(dir));
}

std::optional<bool> ProcessReader::alive(std::uint32_t pid, std::uint64_t start_boottime_ns) const {
  return sees_pids_ ? std::optional(open(pid, start_boottime_ns).has_value()) : std::nullopt;
}

std::optional<bool> ProcessReader::exits(std::uint32_t pid, std::uint64_t start_boottime_ns) const {
  if (!sees_pids_) {
    return std::nullopt;
  }
  const auto dir = open(pid, start_boottime_ns);
  const auto text = dir ? dir->read_file("stat") : Result<std::string>(tl::unexpected(Error{}));
  const auto stat = text ? parse_stat(*text) : std::nullopt;
  return !stat || stat->exiting;
}

Process ProcessReader::complete(const Task& task) {
  Process process = from_kernel(task);
  process.user = users_.name_of(task.uid);
  if (!sees_pids_) {
    process.alive = std::nullopt;
  } else if (const auto dir = open(task.pid, task.start_boottime_ns)) {
    process.alive = true;
    add_from_proc(*dir, task, process);
  }
  return process;
}

Process ProcessReader::complete(const Task& task, const Process& known) {
  return task.pid == known.pid && task.start_boottime_ns == known.start_boottime_ns ? known : complete(task);
}

void ProcessReader::add_from_proc(const ProcDir& dir, const Task& task, Process& process) {
  if (const auto status = dir.read_file("status")) {
    process.vpid = parse_vpid(*status);
  }
  const auto cgroup_text = dir.read_file("cgroup");
  if (auto cgroup = cgroup_text ? parse_cgroup(*cgroup_text) : std::nullopt) {
    fill_missing(process.place, identify_cgroup(*cgroup));
    process.cgroup = std::move(cgroup);
  }
  auto executable = link_of(dir, "exe");
  if (!executable) {
    return;
  }
  Program program = program_of(std::move(executable), task.executable_name, task.executable, {}, std::nullopt);
  if (executed_another(task, program)) {
    return;
  }
  if (program.interpreter || options_.show_args) {
    const std::vector<std::string> argv = argv_of(dir);
    if (program.interpreter) {
      program = program_of(program.path, task.executable_name, task.executable, argv, link_of(dir, "cwd"));
    }
    if (options_.show_args && !argv.empty()) {
      process.command_line = redacted_command_line(argv);
    }
  }
  process.program = std::move(program);
}

}  // namespace bindtrace
