// SPDX-License-Identifier: Apache-2.0
#include "sink/worker.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

#include "base/quiet_thread.h"

namespace bindtrace {

struct Worker::Shared {
  std::mutex mutex;  // of all that follows
  std::condition_variable changed;
  std::deque<Job> waiting;
  bool busy = false;     // with a job that is no longer among those
  bool no_more = false;  // comes
  bool over = false;     // the thread
};

Worker::Worker()
    : shared_(std::make_shared<Shared>()), thread_(quiet_thread([shared = shared_] { work_off(*shared); })) {}

Worker::~Worker() {
  finish(Clock::now());
}

void Worker::work_off(Shared& shared) {
  std::unique_lock lock(shared.mutex);
  while (true) {
    shared.changed.wait(lock, [&] { return !shared.waiting.empty() || shared.no_more; });
    if (shared.waiting.empty()) {
      break;
    }
    const Job job = std::move(shared.waiting.front());
    shared.waiting.pop_front();
    shared.busy = true;
    lock.unlock();
    job();
    lock.lock();
    shared.busy = false;
    shared.changed.notify_all();
  }
  shared.over = true;
  shared.changed.notify_all();
}

void Worker::submit(Job job) {
  const std::scoped_lock lock(shared_->mutex);
  shared_->waiting.push_back(std::move(job));
  shared_->changed.notify_all();
}

std::size_t Worker::waiting() const {
  const std::scoped_lock lock(shared_->mutex);
  return shared_->waiting.size();
}

void Worker::settle(Clock::time_point deadline) const {
  std::unique_lock lock(shared_->mutex);
  shared_->changed.wait_until(lock, deadline, [this] { return shared_->waiting.empty() && !shared_->busy; });
}

void Worker::finish(Clock::time_point deadline) {
  if (finished()) {
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

}  // namespace bindtrace
