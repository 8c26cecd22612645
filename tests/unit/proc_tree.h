// SPDX-License-Identifier: Apache-2.0
// A made-up /proc and /etc in a temporary directory. Process 1 is there, for all that its state says.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace bindtrace {

struct FakeProcess {
  std::uint32_t pid = 0;
  std::string comm = "nginx";
  char state = 'S';
  std::uint32_t parent_pid = 1;
  std::uint64_t start_ticks = 100;
  std::uint32_t uid = 0;
  std::string executable = "/usr/sbin/nginx";
  std::vector<std::string> argv{};
  std::string cwd = "/";
  std::string cgroup = "0::/system.slice/nginx.service\n";
  std::string nspid{};                    // empty: the same as pid
  std::vector<std::string> fd_targets{};  // the index is the descriptor
  std::uint32_t netns = 0;                // 0: not to be seen
};

class ProcTree {
 public:
  ProcTree();
  ~ProcTree();
  ProcTree(const ProcTree&) = delete;
  ProcTree& operator=(const ProcTree&) = delete;

  void add(const FakeProcess& process);
  // A thread of process.pid, with what is given of it.
  void add_thread(const FakeProcess& process, std::uint32_t tid);
  void remove(std::uint32_t pid);
  // Below the root, with its directories.
  void write(const std::filesystem::path& name, std::string_view text);

  [[nodiscard]] std::filesystem::path proc() const { return root_ / "proc"; }
  [[nodiscard]] std::filesystem::path etc() const { return root_ / "etc"; }
  [[nodiscard]] const std::filesystem::path& root() const { return root_; }

 private:
  void add_below(const std::filesystem::path& parent, const FakeProcess& process);

  std::filesystem::path root_;
};

}  // namespace bindtrace
