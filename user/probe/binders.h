// SPDX-License-Identifier: Apache-2.0
// The kernel side's records of who bound which socket.
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

class Binders {
 public:
  static constexpr const char* kMap = "bt_binders";
  static constexpr const char* kSeed = "seed_binders";

  // Of a loaded object that has the map and the program.
  static Result<Binders> of(const bpf_object* object);

  // Records who has which bound socket now, where no bind was seen.
  Result<void> seed() const;
  // The bt_binder of a socket; absent: its bind was not recorded.
  [[nodiscard]] std::optional<std::vector<std::byte>> find(std::uint64_t inode) const;

 private:
  Binders(const bpf_map* map, int seed_fd) : map_(map), seed_fd_(seed_fd) {}

  const bpf_map* map_;
  int seed_fd_;
  MapMemory slots_;  // where the records are an array
};

}  // namespace bindtrace
