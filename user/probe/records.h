// SPDX-License-Identifier: Apache-2.0
// Records that the kernel side keeps by number until another takes their place: who bound which socket (bt_binder), who
// was told to stop (bt_stop).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "probe/map_memory.h"

struct bpf_map;
struct bpf_object;

namespace bindtrace {

class Records {
 public:
  // Of a map whose values begin with their number and have a __u32 at busy_offset that is 0 when they are whole. From
  // 5.17 it is an array: number N is at N modulo their count. Before, a hash.
  static Result<Records> of(const bpf_object* object, const char* map, std::size_t busy_offset);

  // Empty: none was kept. Absent: that is not known, for another's has its place, or it is being written.
  [[nodiscard]] std::optional<std::vector<std::byte>> find(std::uint64_t number) const;

 private:
  Records(const bpf_map* map, std::size_t busy_offset) : map_(map), busy_offset_(busy_offset) {}

  const bpf_map* map_;
  std::size_t busy_offset_;
  MapMemory slots_;  // where they are an array
};

}  // namespace bindtrace
