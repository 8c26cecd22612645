// SPDX-License-Identifier: Apache-2.0
#include "probe/records.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <atomic>
#include <cstring>
#include <utility>

namespace bindtrace {
namespace {

template <typename Value>
Value value_at(const std::vector<std::byte>& bytes, std::size_t offset) {
  Value value{};
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

}  // namespace

Result<Records> Records::of(const bpf_object* object, const char* map, std::size_t busy_offset) {
  Records records(bpf_object__find_map_by_name(object, map), busy_offset);
  if (bpf_map__type(records.map_) == BPF_MAP_TYPE_ARRAY) {
    auto slots = MapMemory::of(records.map_, MapMemory::Access::kRead);
    if (!slots) {
      return tl::unexpected(slots.error());
    }
    records.slots_ = *std::move(slots);
  }
  return records;
}

std::optional<std::vector<std::byte>> Records::find(std::uint64_t number) const {
  std::vector<std::byte> value(bpf_map__value_size(map_));
  if (slots_.get() == nullptr) {
    // The bounded variant's hash. Its kernels do not preempt bpf(2).
    const bool found = bpf_map_lookup_elem(bpf_map__fd(map_), &number, value.data()) == 0;
    return found ? std::move(value) : std::vector<std::byte>{};
  }
  // What reads the same twice, and as finished, was not being written.
  const auto* slot = static_cast<const std::byte*>(slots_.get()) + number % bpf_map__max_entries(map_) * value.size();
  std::vector<std::byte> again(value.size());
  std::memcpy(value.data(), slot, value.size());
  std::atomic_thread_fence(std::memory_order_acquire);
  std::memcpy(again.data(), slot, again.size());
  if (value_at<std::uint32_t>(value, busy_offset_) != 0 || value != again) {
    return std::nullopt;
  }
  const auto present = value_at<std::uint64_t>(value, 0);
  if (present == 0) {
    return std::vector<std::byte>{};
  }
  return present == number ? std::optional(std::move(value)) : std::nullopt;
}

}  // namespace bindtrace
