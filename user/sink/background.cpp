// SPDX-License-Identifier: Apache-2.0
#include "sink/background.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>

#include "base/quiet_thread.h"

namespace bindtrace {

struct Background::Shared {
  // An event, or the wish to open again.
  using Item = std::optional<Event>;

  explicit Shared(std::unique_ptr<Exporter> exporter, std::size_t most)
      : inner(std::move(exporter)), most_waiting(most), told(inner->stats()) {}

  const std::unique_ptr<Exporter> inner;  // the thread's alone
  const std::size_t most_waiting;
  std::mutex mutex;  // of all that follows
  std::condition_variable changed;
  std::deque<Item> waiting;
  bool busy = false;     // with an item that is no longer among those
  bool no_more = false;  // comes
  bool over = false;     // the thread
  std::uint64_t turned_away = 0;
  std::uint64_t given = 0;  // to the thread
  ExportStats told;         // by the inner one, after its last item
};

Background::Background(std::unique_ptr<Exporter> inner, std::size_t most_waiting)
    : shared_(std::make_shared<Shared>(std::move(inner), most_waiting)),
      thread_(quiet_thread([shared = shared_] { work_off(shared); })) {}

Background::~Background() {
  finish(Clock::now());
}

void Background::work_off(const std::shared_ptr<Shared>& shared) {
  std::unique_lock lock(shared->mutex);
  while (true) {
    shared->changed.wait(lock, [&] { return !shared->waiting.empty() || shared->no_more; });
    if (shared->waiting.empty()) {
      break;
    }
    const Shared::Item item = std::move(shared->waiting.front());
    shared->waiting.pop_front();
    shared->busy = true;
    lock.unlock();
    if (item) {
      shared->inner->write(*item);
    } else {
      shared->inner->reopen();
    }
    lock.lock();
    shared->busy = false;
    shared->told = shared->inner->stats();
    shared->changed.notify_all();
  }
  shared->over = true;
  shared->changed.notify_all();
}

void Background::write(const Event& event) {
  const std::scoped_lock lock(shared_->mutex);
  if (shared_->waiting.size() >= shared_->most_waiting || shared_->no_more) {
    ++shared_->turned_away;
    return;
  }
  shared_->waiting.emplace_back(event);
  ++shared_->given;
  shared_->changed.notify_all();
}

void Background::reopen() {
  const std::scoped_lock lock(shared_->mutex);
  shared_->waiting.emplace_back(std::nullopt);
  shared_->changed.notify_all();
}

void Background::settle(Clock::time_point deadline) {
  std::unique_lock lock(shared_->mutex);
  shared_->changed.wait_until(lock, deadline, [this] { return shared_->waiting.empty() && !shared_->busy; });
}

void Background::finish(Clock::time_point deadline) {
  if (!thread_.joinable()) {
    return;
  }
  std::unique_lock lock(shared_->mutex);
  shared_->no_more = true;
  shared_->changed.notify_all();
  const bool over = shared_->changed.wait_until(lock, deadline, [this] { return shared_->over; });
  lock.unlock();
  if (over) {
    thread_.join();
  } else {
    thread_.detach();
  }
}

ExportStats Background::stats() const {
  const std::scoped_lock lock(shared_->mutex);
  ExportStats stats = shared_->told;
  stats.queued = shared_->given - stats.written - stats.lost;
  stats.lost += shared_->turned_away;
  return stats;
}

}  // namespace bindtrace
