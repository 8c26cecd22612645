// SPDX-License-Identifier: Apache-2.0
// Another exporter in a thread of its own, behind a bounded queue: a disk or a journal that hangs holds up nobody.
#pragma once

#include <cstddef>
#include <memory>
#include <thread>

#include "sink/exporter.h"

namespace bindtrace {

class Background final : public Exporter {
 public:
  // What comes while so many records wait is lost, and counted.
  explicit Background(std::unique_ptr<Exporter> inner, std::size_t most_waiting = 1024);
  // Leaves the thread to itself if it hangs.
  ~Background() override;

  void write(const Event& event) override;
  void reopen() override;
  void settle(Clock::time_point deadline) override;
  void finish(Clock::time_point deadline) override;
  [[nodiscard]] ExportStats stats() const override;

 private:
  struct Shared;
  static void work_off(const std::shared_ptr<Shared>& shared);

  std::shared_ptr<Shared> shared_;  // also the thread's, which may have to be left behind
  std::thread thread_;
};

}  // namespace bindtrace
