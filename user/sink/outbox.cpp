// SPDX-License-Identifier: Apache-2.0
#include "sink/outbox.h"

#include <utility>

namespace bindtrace {

Outbox::Outbox(const OutboxLimits& limits, std::chrono::milliseconds first_age) : limits_(limits), age_(first_age) {}

bool Outbox::is_full() const {
  return waiting_.size() + on_their_way_ >= limits_.records || bytes_ >= limits_.bytes;
}

bool Outbox::refuse_if_full() {
  const std::scoped_lock lock(mutex_);
  const bool full = is_full();
  lost_ += full ? 1 : 0;
  return full;
}

bool Outbox::put(std::string record) {
  {
    const std::scoped_lock lock(mutex_);
    if (is_full() || record.size() > limits_.bytes - bytes_) {
      ++lost_;
      return false;
    }
    bytes_ += record.size();
    waiting_.push_back({std::move(record), Clock::now()});
  }
  changed_.notify_one();
  return true;
}

bool Outbox::is_due() const {
  return deadline_ || waiting_.size() >= limits_.batch_records || (!waiting_.empty() && Clock::now() >= due_time());
}

Outbox::Clock::time_point Outbox::due_time() const {
  return waiting_.front().since + age_;
}

std::vector<std::string> Outbox::next_batch() {
  std::unique_lock lock(mutex_);
  while (!is_due()) {
    if (waiting_.empty()) {
      changed_.wait(lock);
    } else {
      changed_.wait_until(lock, due_time());
    }
  }
  if (deadline_ && Clock::now() >= *deadline_) {
    lose_all();
  }
  age_ = limits_.batch_age;
  std::vector<std::string> batch;
  while (!waiting_.empty() && batch.size() < limits_.batch_records &&
         (batch.empty() || bytes_on_their_way_ + waiting_.front().record.size() <= limits_.batch_bytes)) {
    bytes_on_their_way_ += waiting_.front().record.size();
    batch.push_back(std::move(waiting_.front().record));
    waiting_.pop_front();
  }
  on_their_way_ = batch.size();
  return batch;
}

void Outbox::lose_all() {
  lost_ += waiting_.size();
  waiting_.clear();
  bytes_ = 0;
}

void Outbox::settle(std::uint64_t written, std::uint64_t lost) {
  const std::scoped_lock lock(mutex_);
  written_ += written;
  lost_ += lost;
  on_their_way_ = 0;
  bytes_ -= bytes_on_their_way_;
  bytes_on_their_way_ = 0;
}

bool Outbox::pause(std::chrono::milliseconds wait, bool asked) {
  std::unique_lock lock(mutex_);
  const auto until = Clock::now() + wait;
  while (!deadline_ && Clock::now() < until) {
    changed_.wait_until(lock, until);
  }
  if (!deadline_) {
    return true;
  }
  if (!asked && !last_try_given_) {
    last_try_given_ = true;
    return Clock::now() < *deadline_;
  }
  if (until >= *deadline_) {
    return false;
  }
  while (Clock::now() < until) {
    changed_.wait_until(lock, until);
  }
  return true;
}

void Outbox::end(Clock::time_point deadline) {
  {
    const std::scoped_lock lock(mutex_);
    deadline_ = deadline;
  }
  changed_.notify_one();
}

OutboxCounts Outbox::counts() const {
  const std::scoped_lock lock(mutex_);
  return {written_, lost_, waiting_.size() + on_their_way_};
}

}  // namespace bindtrace
