// SPDX-License-Identifier: Apache-2.0
#include "sink/background.h"

#include <mutex>
#include <utility>

namespace bindtrace {

struct Background::Shared {
  explicit Shared(std::unique_ptr<Exporter> exporter) : inner(std::move(exporter)), told(inner->stats()) {}

  void write(const Event& event) {
    inner->write(event);
    const std::scoped_lock lock(mutex);
    told = inner->stats();
  }

  const std::unique_ptr<Exporter> inner;  // the thread's alone
  std::mutex mutex;                       // of what follows
  ExportStats told;                       // after the last record
};

Background::Background(std::unique_ptr<Exporter> inner, std::size_t most_waiting)
    : shared_(std::make_shared<Shared>(std::move(inner))), most_waiting_(most_waiting) {}

void Background::write(const Event& event) {
  if (worker_.finished() || worker_.waiting() >= most_waiting_) {
    ++turned_away_;
    return;
  }
  ++given_;
  worker_.submit([shared = shared_, event] { shared->write(event); });
}

void Background::reopen() {
  worker_.submit([shared = shared_] { shared->inner->reopen(); });
}

ExportStats Background::stats() const {
  const std::scoped_lock lock(shared_->mutex);
  ExportStats stats = shared_->told;
  stats.queued = given_ - stats.written - stats.lost;
  stats.lost += turned_away_;
  return stats;
}

}  // namespace bindtrace
