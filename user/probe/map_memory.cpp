// SPDX-License-Identifier: Apache-2.0
#include "probe/map_memory.h"

#include <bpf/libbpf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace bindtrace {

Result<MapMemory> MapMemory::of(const bpf_map* map, Access access) {
  constexpr std::size_t kAlignment = 8;  // of an array's elements (array_map_alloc)
  const std::size_t value = (bpf_map__value_size(map) + kAlignment - 1) / kAlignment * kAlignment;
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t bytes = (value * bpf_map__max_entries(map) + page - 1) / page * page;
  const int protection = access == Access::kRead ? PROT_READ : PROT_READ | PROT_WRITE;
  void* start = ::mmap(nullptr, bytes, protection, MAP_SHARED, bpf_map__fd(map), 0);
  if (start == MAP_FAILED) {
    return fail_errno(errno, std::string("map ") + bpf_map__name(map));
  }
  return MapMemory(start, bytes);
}

MapMemory::~MapMemory() {
  if (start_ != nullptr) {
    ::munmap(start_, bytes_);
  }
}

}  // namespace bindtrace
