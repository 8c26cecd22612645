// SPDX-License-Identifier: Apache-2.0
// A thread that does one job after another, for what may hang: whoever gives it jobs waits for none.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <thread>

namespace bindtrace {

class Worker {
 public:
  using Clock = std::chrono::steady_clock;
  // What it refers to must live as long as the thread, which may be left behind: own it together.
  using Job = std::function<void()>;

  Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  // Leaves the thread to itself if it hangs.
  ~Worker();

  // Not after finish().
  void submit(Job job);
  // Jobs that have not begun.
  [[nodiscard]] std::size_t waiting() const;
  // Until all are done, for no longer than that.
  void settle(Clock::time_point deadline) const;
  // The same, and ends the thread.
  void finish(Clock::time_point deadline);
  [[nodiscard]] bool finished() const { return !thread_.joinable(); }

 private:
  struct Shared;
  static void work_off(Shared& shared);

  std::shared_ptr<Shared> shared_;
  std::thread thread_;
};

}  // namespace bindtrace
