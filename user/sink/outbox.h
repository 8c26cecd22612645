// SPDX-License-Identifier: Apache-2.0
// Encoded records between the event loop, which never waits, and the thread that sends them. What finds no room is
// lost, and counted: the newest.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace bindtrace {

struct OutboxLimits {
  std::size_t records = 4096;       // with those of the batch on its way
  std::size_t bytes = 16U << 20U;   // of these
  std::size_t batch_records = 512;  // a batch is sent when it is full
  std::size_t batch_bytes = 4U << 20U;
  std::chrono::milliseconds batch_age{2000};  // or its first record is so old
};

// Each record that was put or refused is in one of these.
struct OutboxCounts {
  std::uint64_t written = 0;
  std::uint64_t lost = 0;
  std::uint64_t waiting = 0;
};

class Outbox {
 public:
  using Clock = std::chrono::steady_clock;

  // `first_age` replaces batch_age for the first batch: hosts that start together do not send together.
  Outbox(const OutboxLimits& limits, std::chrono::milliseconds first_age);

  // Whether put() would have room for a small record; where not, count it here and save the work.
  bool refuse_if_full();
  // False: lost.
  bool put(std::string record);

  // Of the sending thread. Waits for a batch; an empty one means the end, and that nothing waits any more.
  std::vector<std::string> next_batch();
  // What became of the batch.
  void settle(std::uint64_t written, std::uint64_t lost);
  // Waits before another try; false: there is none, for the end is near. A wait that the server did not ask for is
  // cut short by the end, for one last try.
  bool pause(std::chrono::milliseconds wait, bool asked);

  // No more comes. Batches go at once; what has not gone by then is lost.
  void end(Clock::time_point deadline);

  [[nodiscard]] OutboxCounts counts() const;

 private:
  struct Waiting {
    std::string record;
    Clock::time_point since;
  };

  [[nodiscard]] bool is_full() const;
  [[nodiscard]] bool is_due() const;
  [[nodiscard]] Clock::time_point due_time() const;
  void lose_all();

  const OutboxLimits limits_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::chrono::milliseconds age_;
  std::deque<Waiting> waiting_;
  std::size_t on_their_way_ = 0;
  std::size_t bytes_ = 0;  // of both
  std::size_t bytes_on_their_way_ = 0;
  std::uint64_t written_ = 0;
  std::uint64_t lost_ = 0;
  std::optional<Clock::time_point> deadline_;  // the end has come
  bool last_try_given_ = false;
};

}  // namespace bindtrace
