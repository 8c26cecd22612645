// SPDX-License-Identifier: Apache-2.0
// Files as a process sees them that has another root directory than we have; nothing leads out of that root.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace bindtrace {

class RootDirectory {
 public:
  // O_PATH will do.
  explicit RootDirectory(UniqueFd root) : root_(std::move(root)) {}

  enum class Kind { kFile, kDirectory, kOther };
  struct Entry {
    std::string name;
    Kind kind = Kind::kOther;
  };

  // O_PATH: whatever is there, behind links, unopened.
  [[nodiscard]] Result<UniqueFd> find(const std::string& path) const;

  // Sorted by name. An error where there is none, or more entries than a directory of unit files has.
  [[nodiscard]] Result<std::vector<Entry>> list(const std::string& path) const;

  // Of a regular file, behind links; an error also where it is longer than a unit file is.
  [[nodiscard]] Result<std::string> read_file(const std::string& path) const;

  // What a link says, as it stands there.
  [[nodiscard]] Result<std::string> read_link(const std::string& path) const;

 private:
  [[nodiscard]] Result<UniqueFd> open(const std::string& path, int flags) const;

  UniqueFd root_;
};

}  // namespace bindtrace
