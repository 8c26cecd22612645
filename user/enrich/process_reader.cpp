// SPDX-License-Identifier: Apache-2.0
#include "enrich/process_reader.h"

#include <cstddef>
#include <limits>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "core/config_test.h"
#include "enrich/kernel_setup.h"
#include "enrich/lineage.h"
#include "enrich/proc_text.h"
#include "enrich/redact.h"

namespace bindtrace {
namespace {

constexpr std::uint64_t kNsPerSecond = 1'000'000'000;
constexpr std::uint64_t kLineageDivisor = 50;
constexpr std::int64_t kLineageLimitNs = 100'000'000;
constexpr std::size_t kMaxCmdline = 131'072;  // a Java class path comes before the main class

// The arguments are those of a victim, which may be gone before /proc is read.
Process from_kernel(const Task& task, bool show_args) {
  const std::vector<std::string> argv = parse_cmdline(task.arguments, task.arguments_cut);
  Process process;
  process.pid = task.pid;
  process.start_boottime_ns = task.start_boottime_ns;
  process.uid = task.uid;
  process.comm = task.comm;
  process.program = program_of(std::nullopt, task.executable_name, task.executable, argv, std::nullopt);
  process.config_test = config_test_of(process.program.name, argv);
  if (show_args && !argv.empty() && !task.arguments_cut) {
    process.command_line = redacted_command_line(argv);
  }
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

std::optional<ProcStat> stat_of(const ProcDir& dir) {
  const auto text = dir.read_file("stat");
  return text ? parse_stat(*text) : std::nullopt;
}

void add_cgroup(const ProcDir& dir, Process& process) {
  const auto text = dir.read_file("cgroup");
  auto cgroup = text ? parse_cgroup(*text) : std::nullopt;
  if (!cgroup) {
    return;
  }
  CgroupIdentity place = identify_cgroup(cgroup->path);
  if (cgroup->unified) {
    fill_missing(process.place, place);
  } else if (const auto stat = stat_of(dir); stat && !stat->exiting) {
    process.place = std::move(place);  // the unified hierarchy, which the kernel side reads, tells less here
  } else {
    return;  // who exits is in the root of these hierarchies (proc_cgroup_show)
  }
  process.cgroup = std::move(cgroup->path);
}

// By pid and start time alone: as if it had been seen long after its start.
ProcessReader::Sight unquestioned(std::uint32_t pid, std::uint64_t start_boottime_ns) {
  return {pid, start_boottime_ns, std::numeric_limits<std::uint64_t>::max(), {}};
}

// The first thread is a zombie until the last one ends, and has given up all that /proc could show.
std::optional<ProcDir> living_thread(const std::filesystem::path& proc_root, std::uint32_t pid) {
  const std::filesystem::path threads = proc_root / std::to_string(pid) / "task";
  for (const std::uint32_t tid : list_pids(threads)) {
    auto dir = ProcDir::open(threads, tid);
    const auto stat = dir ? stat_of(*dir) : std::nullopt;
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
      sees_all_(shows_all_processes(options_.proc_root)),
      users_(options_.passwd),
      lineages_(options_.clocks, kLineageDivisor, kLineageLimitNs) {}

bool ProcessReader::may_be_another(const Sight& sight, const ProcStat& now) const {
  return sight.seen_boottime_ns / tick_ns_ <= now.start_ticks &&
         (now.comm != sight.comm || (sight.parent_pid && now.parent_pid != *sight.parent_pid));
}

ProcessReader::Look ProcessReader::look_at(const Sight& sight) const {
  if (!sees_pids_) {
    return {};
  }
  auto dir = ProcDir::open(options_.proc_root, sight.pid);
  const auto stat = dir ? stat_of(*dir) : std::nullopt;
  if (!stat) {
    return {std::nullopt, sees_all_ ? std::optional(false) : std::nullopt};
  }
  if (stat->state == 'X' || stat->start_ticks != sight.start_boottime_ns / tick_ns_) {
    return {std::nullopt, false};
  }
  if (may_be_another(sight, *stat)) {
    return {};
  }
  if (stat->state == 'Z') {
    auto thread = living_thread(options_.proc_root, sight.pid);
    const bool lives = thread.has_value();
    return {std::move(thread), lives};
  }
  return {std::optional<ProcDir>(*std::move(dir)), true};
}

std::optional<ProcDir> ProcessReader::open(const Sight& sight) const {
  return look_at(sight).dir;
}

std::optional<ProcDir> ProcessReader::open(std::uint32_t pid, std::uint64_t start_boottime_ns) const {
  return open(unquestioned(pid, start_boottime_ns));
}

std::optional<bool> ProcessReader::alive(const Sight& sight) const {
  return look_at(sight).alive;
}

std::optional<bool> ProcessReader::alive(std::uint32_t pid, std::uint64_t start_boottime_ns) const {
  return alive(unquestioned(pid, start_boottime_ns));
}

std::optional<bool> ProcessReader::exits(std::uint32_t pid, std::uint64_t start_boottime_ns) const {
  const Look look = look_at(unquestioned(pid, start_boottime_ns));
  if (!look.dir) {
    return look.alive ? std::optional(true) : std::nullopt;
  }
  const auto stat = stat_of(*look.dir);
  return !stat || stat->exiting;
}

Lineage ProcessReader::lineage_of(const Task& task) {
  Lineage of_kernel;
  if (task.parent_pid) {
    of_kernel.ancestors.push_back({*task.parent_pid, task.parent_comm});
  }
  if (!sees_pids_) {
    of_kernel.cut = "/proc shows the processes of another pid namespace";
    return of_kernel;
  }
  if (lineages_.spent()) {
    of_kernel.cut = "too many failures at once";
    return of_kernel;
  }
  return lineages_.pay_for([&] { return read_lineage(options_.proc_root, task, task.start_boottime_ns / tick_ns_); });
}

Process ProcessReader::complete(const Task& task, std::uint64_t seen_boottime_ns) {
  Process process = from_kernel(task, options_.show_args);
  process.user = users_.name_of(task.uid);
  process.lineage = lineage_of(task);
  const Look look = look_at({task.pid, task.start_boottime_ns, seen_boottime_ns, task.comm, task.parent_pid});
  process.alive = look.alive;
  if (look.dir) {
    add_from_proc(*look.dir, task, process);
  }
  return process;
}

Process ProcessReader::complete(const Task& task, std::uint64_t seen_boottime_ns, const Process& known) {
  return task.pid == known.pid && task.start_boottime_ns == known.start_boottime_ns ? known
                                                                                    : complete(task, seen_boottime_ns);
}

void ProcessReader::add_from_proc(const ProcDir& dir, const Task& task, Process& process) {
  if (const auto status = dir.read_file("status")) {
    process.vpid = parse_vpid(*status);
  }
  add_cgroup(dir, process);
  auto executable = link_of(dir, "exe");
  if (!executable) {
    return;
  }
  Program program = program_of(std::move(executable), task.executable_name, task.executable, {}, std::nullopt);
  if (executed_another(task, program)) {
    return;
  }
  if (program.interpreter || options_.show_args || may_test_configuration(program.name)) {
    std::vector<std::string> argv = argv_of(dir);
    if (options_.show_args && !argv.empty() && !process.command_line) {
      process.command_line = redacted_command_line(argv);
    }
    if (argv.empty()) {  // it has just ended
      argv = parse_cmdline(task.arguments, task.arguments_cut);
    }
    if (!process.config_test) {
      process.config_test = config_test_of(program.name, argv);
    }
    if (program.interpreter) {
      program = program_of(program.path, task.executable_name, task.executable, argv, link_of(dir, "cwd"));
    }
  }
  process.program = std::move(program);
}

}  // namespace bindtrace
