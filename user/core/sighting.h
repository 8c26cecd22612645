// SPDX-License-Identifier: Apache-2.0
// A socket that the kernel side saw at an address that is followed up: bound, or about to give the address up.
#pragma once

#include <cstdint>

#include "core/failure.h"

namespace bindtrace {

enum class SightingKind {
  kBound,  // a bind or listen succeeded; the socket's state tells which
  kFreed,
};

struct Sighting {
  SightingKind kind = SightingKind::kBound;
  Head head;
  Task task;            // who bound it, or in whose name it ends; of kFreed a kernel thread where nobody can be told
  HolderSocket socket;  // inode absent where the socket has lost it by then (tcp)
  std::uint32_t netns = 0;
};

}  // namespace bindtrace
