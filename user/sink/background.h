// SPDX-License-Identifier: Apache-2.0
// Another exporter in a thread of its own, behind a bounded queue: a disk or a journal that hangs holds up nobody.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "sink/exporter.h"
#include "sink/worker.h"

namespace bindtrace {

class Background final : public Exporter {
 public:
  // What comes while so many records wait is lost, and counted.
  explicit Background(std::unique_ptr<Exporter> inner, std::size_t most_waiting = 1024);

  void write(const Event& event) override;
  void reopen() override;
  void settle(Clock::time_point deadline) override { worker_.settle(deadline); }
  void finish(Clock::time_point deadline) override { worker_.finish(deadline); }
  [[nodiscard]] ExportStats stats() const override;

 private:
  struct Shared;

  std::shared_ptr<Shared> shared_;
  std::size_t most_waiting_;
  std::uint64_t turned_away_ = 0;
  std::uint64_t given_ = 0;  // to the thread
  Worker worker_;
};

}  // namespace bindtrace
