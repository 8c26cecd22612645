// SPDX-License-Identifier: Apache-2.0
// Tells when processes exit, as soon as their sockets are closed (pidfd_open(2)).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "base/unique_fd.h"

namespace bindtrace {

class Exits {
 public:
  using Identity = std::pair<std::uint32_t, std::uint64_t>;  // pid and start time
  using IsAlive = std::function<bool(std::uint32_t pid, std::uint64_t start_boottime_ns)>;

  // Where the kernel gives no descriptor, nothing is told.
  Exits();

  // From now on. `is_alive` is asked once its pid cannot become another's any more. Not minded: too many are already,
  // or it is gone.
  void mind(const Identity& process, const IsAlive& is_alive);
  // Those that have exited since; they are minded no longer.
  std::vector<Identity> take();
  void forget_unless(const std::function<bool(const Identity&)>& wanted);

  // Readable when some have exited.
  [[nodiscard]] int fd() const { return epoll_.get(); }

 private:
  UniqueFd epoll_;
  std::map<Identity, UniqueFd> processes_;
};

}  // namespace bindtrace
