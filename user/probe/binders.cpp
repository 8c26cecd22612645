// SPDX-License-Identifier: Apache-2.0
#include "probe/binders.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <atomic>
#include <cstring>
#include <utility>

#include "probe/iterator.h"
#include "wire.h"

namespace bindtrace {

Result<Binders> Binders::of(const bpf_object* object) {
  Binders binders(bpf_object__find_map_by_name(object, kMap),
                  bpf_program__fd(bpf_object__find_program_by_name(object, kSeed)));
  if (bpf_map__type(binders.map_) == BPF_MAP_TYPE_ARRAY) {
    auto slots = MapMemory::of(binders.map_, MapMemory::Access::kRead);
    if (!slots) {
      return tl::unexpected(slots.error());
    }
    binders.slots_ = *std::move(slots);
  }
  return binders;
}

Result<void> Binders::seed() const {
  const auto done = run_iterator(seed_fd_);
  return done ? Result<void>{} : Result<void>(tl::unexpected(done.error()));
}

std::optional<std::vector<std::byte>> Binders::find(std::uint64_t inode) const {
  std::vector<std::byte> value(bpf_map__value_size(map_));
  if (slots_.get() == nullptr) {
    // The bounded variant's hash. Its kernels do not preempt bpf(2).
    const bool found = bpf_map_lookup_elem(bpf_map__fd(map_), &inode, value.data()) == 0;
    return found ? std::optional(std::move(value)) : std::nullopt;
  }
  // What reads the same twice, and as finished, was not being written.
  const auto* slot = static_cast<const bt_binder*>(slots_.get()) + inode % bpf_map__max_entries(map_);
  bt_binder first{};
  bt_binder second{};
  std::memcpy(&first, slot, sizeof first);
  std::atomic_thread_fence(std::memory_order_acquire);
  std::memcpy(&second, slot, sizeof second);
  if (first.inode != inode || first.busy != 0 || std::memcmp(&first, &second, sizeof first) != 0) {
    return std::nullopt;
  }
  std::memcpy(value.data(), &first, sizeof first);
  return value;
}

}  // namespace bindtrace
