// SPDX-License-Identifier: Apache-2.0
#include "core/successor.h"

#include "core/facts.h"

namespace bindtrace {
namespace {

// An interpreter whose script could not be read in time: the same parent starts the same thing again. Service managers
// and shells start many.
bool same_start(const Process& first, const Process& next) {
  return first.parent_pid && first.parent_pid == next.parent_pid && *first.parent_pid > 1 &&
         first.program.name == next.program.name && first.cgroup == next.cgroup;
}

bool same_program(const Process& first, const Process& next, bool one_place) {
  switch (compare(first.program, next.program)) {
    case Sameness::kSame:
    case Sameness::kAlike:
      return true;
    case Sameness::kNamesake:
      return one_place;
    case Sameness::kUnknown:
      return same_start(first, next);
    case Sameness::kDifferent:
      break;
  }
  return false;
}

bool has_place(const Process& process) {
  return process.place.has_service() || process.place.container_id || process.place.pod_uid;
}

}  // namespace

bool is_successor(const Process& first, const Process& next) {
  if (same_process(first, next)) {
    return true;
  }
  switch (compare_places(first, next)) {
    case Place::kSameService:
      return true;
    case Place::kSameContainer:
    case Place::kSamePod:
      return same_program(first, next, true);
    case Place::kSameCgroup:
      break;
    case Place::kDifferent:
    case Place::kUnknown:
      if (has_place(first) || has_place(next)) {
        return false;
      }
      break;
  }
  // One file is many programs where it goes by many names (busybox).
  return first.comm == next.comm && same_program(first, next, false);
}

}  // namespace bindtrace
