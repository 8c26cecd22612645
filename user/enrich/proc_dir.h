// SPDX-License-Identifier: Apache-2.0
// One process's directory under /proc, held open: what is read through it is of that process, never of
// a later one with the same pid.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "core/failure.h"

namespace bindtrace {

class ProcDir {
 public:
  static Result<ProcDir> open(const std::filesystem::path& proc_root, std::uint32_t pid);

  [[nodiscard]] std::uint32_t pid() const { return pid_; }

  // At most `limit` bytes.
  [[nodiscard]] Result<std::string> read_file(const char* name, std::size_t limit = kSmallFile) const;
  [[nodiscard]] Result<std::string> read_link(const char* name) const;

  // What a link leads to: "root", "cwd".
  [[nodiscard]] Result<UniqueFd> open_directory(const char* name) const;  // O_PATH
  [[nodiscard]] Result<FileId> identify(const char* name) const;

  struct FdList {
    std::vector<std::uint32_t> fds;
    bool cut = false;  // there are more than `limit`
  };
  [[nodiscard]] Result<FdList> list_fds(std::size_t limit) const;

  static constexpr std::size_t kSmallFile = 16'384;

 private:
  ProcDir(UniqueFd fd, std::uint32_t pid) : fd_(std::move(fd)), pid_(pid) {}

  UniqueFd fd_;
  std::uint32_t pid_;
};

// The processes of /proc, or the threads of /proc/PID/task; in order.
std::vector<std::uint32_t> list_pids(const std::filesystem::path& directory);

// A file of a few lines without its last line break; absent: it could not be read or is empty.
std::optional<std::string> read_line_file(const std::filesystem::path& path);

}  // namespace bindtrace
