// SPDX-License-Identifier: Apache-2.0
#include "proc_tree.h"

#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include <fmt/format.h>

namespace bindtrace {
namespace {

std::string stat_line(const FakeProcess& process) {
  std::string line = fmt::format("{} ({}) {} {}", process.pid, process.comm, process.state, process.parent_pid);
  for (int field = 5; field < 22; ++field) {
    line += " 0";
  }
  return line + fmt::format(" {} 0 0\n", process.start_ticks);
}

}  // namespace

ProcTree::ProcTree() {
  std::string pattern = std::filesystem::temp_directory_path() / "bindtrace-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) {
    throw std::runtime_error("no temporary directory");
  }
  root_ = pattern;
  std::filesystem::create_directories(proc());
  std::filesystem::create_directories(etc());
  write("proc/1/stat", stat_line({.pid = 1, .comm = "systemd", .parent_pid = 0, .start_ticks = 1}));
  write("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:33::/var/www:/usr/sbin/nologin\n");
}

ProcTree::~ProcTree() {
  std::error_code ignored;
  std::filesystem::remove_all(root_, ignored);
}

void ProcTree::write(const std::filesystem::path& name, std::string_view text) {
  const std::filesystem::path path = root_ / name;
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

void ProcTree::add(const FakeProcess& process) {
  add_below("proc", process);
}

void ProcTree::add_below(const std::filesystem::path& parent, const FakeProcess& process) {
  const std::filesystem::path dir = parent / std::to_string(process.pid);
  const std::string nspid = process.nspid.empty() ? std::to_string(process.pid) : process.nspid;
  std::string cmdline;
  for (const std::string& argument : process.argv) {
    cmdline += argument + '\0';
  }
  write(dir / "stat", stat_line(process));
  write(dir / "status", fmt::format("Name:\tx\nUid:\t9\t{}\t9\t9\nNStgid:\t{}\n", process.uid, nspid));
  write(dir / "cmdline", cmdline);
  write(dir / "cgroup", process.cgroup);
  std::filesystem::create_symlink(process.executable, root_ / dir / "exe");
  std::filesystem::create_symlink(process.cwd, root_ / dir / "cwd");
  if (process.netns != 0) {
    std::filesystem::create_directories(root_ / dir / "ns");
    std::filesystem::create_symlink(fmt::format("net:[{}]", process.netns), root_ / dir / "ns/net");
  }
  std::filesystem::create_directories(root_ / dir / "fd");
  for (std::size_t fd = 0; fd < process.fd_targets.size(); ++fd) {
    std::filesystem::create_symlink(process.fd_targets[fd], root_ / dir / "fd" / std::to_string(fd));
  }
}

void ProcTree::add_thread(const FakeProcess& process, std::uint32_t tid) {
  FakeProcess thread = process;
  thread.pid = tid;
  add_below(std::filesystem::path("proc") / std::to_string(process.pid) / "task", thread);
}

void ProcTree::remove(std::uint32_t pid) {
  std::filesystem::remove_all(proc() / std::to_string(pid));
}

}  // namespace bindtrace
