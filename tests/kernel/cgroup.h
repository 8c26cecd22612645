// SPDX-License-Identifier: Apache-2.0
// A cgroup of the unified (v2) hierarchy, made and removed by a test.
#pragma once

#include <filesystem>
#include <string>

namespace bindtrace {

class Cgroup {
 public:
  // Below the hierarchy's root, by a path without a leading slash; what is missing of it is made. Mounts the hierarchy
  // if it is not. Throws std::runtime_error.
  explicit Cgroup(const std::string& path);
  Cgroup(const Cgroup&) = delete;
  Cgroup& operator=(const Cgroup&) = delete;
  ~Cgroup();  // removes what it made, unless a process is still there

  // Moves the calling process into it; ends it if that fails.
  void enter() const;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path root_;
  std::filesystem::path path_;
};

}  // namespace bindtrace
