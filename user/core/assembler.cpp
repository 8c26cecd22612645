// SPDX-License-Identifier: Apache-2.0
#include "core/assembler.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

namespace bindtrace {

Assembler::Assembler() : Assembler(Limits{}) {}

Assembler::Assembler(Limits limits) : limits_(limits) {}

void Assembler::add(Record record) {
  if (auto* failure = std::get_if<Failure>(&record)) {
    add_failure(std::move(*failure));
  } else if (auto* scan = std::get_if<Scan>(&record)) {
    add_scan(std::move(*scan));
  } else if (auto* owner = std::get_if<Owner>(&record)) {
    add_owner(std::move(*owner));
  }
}

void Assembler::add_failure(Failure failure) {
  const EventKey key = failure.head.key;
  if (!failure.scan_follows) {
    ready_.push_back(std::move(failure));
    return;
  }
  failure.scan.status = ScanStatus::kMissed;  // until it is there
  if (const auto twin = by_key_.find(key); twin != by_key_.end()) {
    release(twin->second);
  }
  if (pending_.size() >= limits_.pending) {
    release(pending_.begin());
  }
  pending_.push_back(Pending{std::move(failure), false, std::nullopt});
  by_key_[key] = std::prev(pending_.end());
}

void Assembler::add_scan(Scan scan) {
  const auto found = by_key_.find(scan.head.key);
  if (found == by_key_.end()) {
    ++orphans_;
    return;
  }
  const auto entry = found->second;
  entry->failure.scan = std::move(scan);
  entry->scan_seen = true;
  release_if_whole(entry);
}

void Assembler::add_owner(Owner owner) {
  const auto found = by_key_.find(owner.head.key);
  if (found == by_key_.end() || found->second->failure.owners.size() >= limits_.owners) {
    ++orphans_;
    return;
  }
  const auto entry = found->second;
  entry->failure.owners.push_back(std::move(owner));
  release_if_whole(entry);
}

void Assembler::release_if_whole(Queue::iterator entry) {
  const std::size_t expected = std::min<std::size_t>(entry->failure.scan.owners_sent, limits_.owners);
  if (entry->scan_seen && entry->failure.owners.size() >= expected) {
    release(entry);
  }
}

void Assembler::release(Queue::iterator entry) {
  by_key_.erase(entry->failure.head.key);
  ready_.push_back(std::move(entry->failure));
  pending_.erase(entry);
}

std::vector<Failure> Assembler::take_ready() {
  return std::exchange(ready_, {});
}

void Assembler::expire(std::uint64_t now_boottime_ns) {
  for (auto next = pending_.begin(); next != pending_.end();) {
    const auto entry = next++;
    if (!entry->expiry_ns) {
      constexpr auto kNever = std::numeric_limits<std::uint64_t>::max();
      const bool overflows = now_boottime_ns > kNever - limits_.patience_ns;
      entry->expiry_ns = overflows ? kNever : now_boottime_ns + limits_.patience_ns;
    }
    if (now_boottime_ns >= *entry->expiry_ns) {
      release(entry);
    }
  }
}

std::optional<std::uint64_t> Assembler::next_expiry_ns() const {
  return pending_.empty() ? std::nullopt : pending_.front().expiry_ns;
}

}  // namespace bindtrace
