// SPDX-License-Identifier: Apache-2.0
// The memory of a BPF array, mapped. While programs run, bpf(2) must not touch a map: the kernel keeps kprobe programs
// from running on that CPU meanwhile (bpf_disable_instrumentation), also for those that preempt us inside the call.
#pragma once

#include <cstddef>
#include <utility>

#include "base/result.h"

struct bpf_map;

namespace bindtrace {

class MapMemory {
 public:
  enum class Access { kRead, kWrite };

  // Of a map with BPF_F_MMAPABLE, all of it.
  static Result<MapMemory> of(const bpf_map* map, Access access);

  MapMemory() = default;
  MapMemory(MapMemory&& other) noexcept
      : start_(std::exchange(other.start_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  MapMemory& operator=(MapMemory&& other) noexcept {
    std::swap(start_, other.start_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  MapMemory(const MapMemory&) = delete;
  MapMemory& operator=(const MapMemory&) = delete;
  ~MapMemory();

  // Null: nothing is mapped.
  [[nodiscard]] void* get() const { return start_; }

 private:
  MapMemory(void* start, std::size_t bytes) : start_(start), bytes_(bytes) {}

  void* start_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace bindtrace
