// SPDX-License-Identifier: Apache-2.0
// Tells when the files of Unix paths are gone (inotify(7)). Holds no file open, so that nobody's umount fails.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "base/unique_fd.h"
#include "core/failure.h"
#include "enrich/process_reader.h"

namespace bindtrace {

class FileRemovals {
 public:
  using Id = std::uint64_t;

  // Where the kernel gives no descriptor, nothing is told.
  explicit FileRemovals(std::filesystem::path proc_root);

  // The file at the failure's path, as its victim saw it. An id that is minded already gets the file of the new
  // failure. Not minded: it cannot be looked up. `take` tells at once of one that is gone by now.
  void mind(Id id, const Failure& failure, const ProcessReader& processes);
  // Whose file is gone since; they are minded no longer.
  std::vector<Id> take(const ProcessReader& processes);
  void forget_unless(const std::function<bool(Id)>& wanted);

  // Readable when something happened to a file.
  [[nodiscard]] int fd() const { return inotify_.get(); }

 private:
  struct File {
    Failure failure;  // without sockets
    FileId identity;
    int watch = -1;
  };
  void forget(Id id);

  UniqueFd inotify_;
  std::filesystem::path proc_root_;
  std::map<Id, File> files_;
  std::vector<Id> gone_;
};

}  // namespace bindtrace
