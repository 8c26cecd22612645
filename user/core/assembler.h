// SPDX-License-Identifier: Apache-2.0
// Joins a failure with the scan and owner records that follow it in the ring.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <vector>

#include "core/decode.h"

namespace bindtrace {

class Assembler {
 public:
  struct Limits {
    std::uint64_t patience_ns = 50'000'000;  // how long a failure waits for its scan
    std::size_t pending = 1024;              // failures that wait; beyond it the oldest is released
    std::size_t owners = 64;                 // per failure; beyond it they are dropped and counted
  };

  Assembler();
  explicit Assembler(Limits limits);

  void add(Record record);

  // Failures that are whole, in the order in which they became so.
  std::vector<Failure> take_ready();

  // Releases what has waited longer than Limits::patience_ns, with ScanStatus::kMissed where the scan
  // itself is what did not come. The wait counts from the first call after the failure was added, so
  // that a late reader, whose ring still holds the scan, loses nothing: call it after each drain.
  // The largest time there is releases all.
  void expire(std::uint64_t now_boottime_ns);

  // When expire() has something to do next; absent: nothing waits, or expire() has not seen it yet.
  [[nodiscard]] std::optional<std::uint64_t> next_expiry_ns() const;
  [[nodiscard]] std::size_t pending() const { return pending_.size(); }
  // The time of the first failure that waits; absent: none does.
  [[nodiscard]] std::optional<std::uint64_t> oldest_ns() const {
    return pending_.empty() ? std::nullopt : std::optional(pending_.front().failure.head.key.ktime_ns);
  }
  // Scan and owner records whose failure was not waiting (or had its fill of owners).
  [[nodiscard]] std::uint64_t orphans() const { return orphans_; }

 private:
  struct Pending {
    Failure failure;
    bool scan_seen = false;
    std::optional<std::uint64_t> expiry_ns;
  };
  using Queue = std::list<Pending>;  // oldest first

  void add_failure(Failure failure);
  void add_scan(Scan scan);
  void add_owner(Owner owner);
  void release_if_whole(Queue::iterator entry);
  void release(Queue::iterator entry);

  Limits limits_;
  Queue pending_;
  std::map<EventKey, Queue::iterator> by_key_;
  std::vector<Failure> ready_;
  std::uint64_t orphans_ = 0;
};

}  // namespace bindtrace
