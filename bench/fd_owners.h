// SPDX-License-Identifier: Apache-2.0
// Processes that do nothing but have descriptors, while this object lives.
#pragma once

#include <sys/types.h>

#include <vector>

namespace bindtrace::bench {

class FdOwners {
 public:
  enum class Kind {
    kNull,       // of /dev/null
    kListeners,  // of tcp, each process on a loopback address of its own
  };

  // Returns when each of them has its descriptors. Throws std::runtime_error if one cannot get them.
  FdOwners(int processes, int fds_each, Kind kind = Kind::kNull);
  ~FdOwners();
  FdOwners(const FdOwners&) = delete;
  FdOwners& operator=(const FdOwners&) = delete;

 private:
  std::vector<pid_t> pids_;
};

}  // namespace bindtrace::bench
