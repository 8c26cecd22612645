// SPDX-License-Identifier: Apache-2.0
// Which processes have a descriptor of a socket, by the links under /proc/PID/fd.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "enrich/proc_dir.h"

namespace bindtrace {

using FdsByInode = std::map<std::uint64_t, std::vector<std::uint32_t>>;

struct FoundFds {
  FdsByInode fds;
  bool whole = false;  // no descriptor was left out: a socket that is not among them has none here
};

// Descriptors of those sockets in one process; looks at no more than `limit` descriptors.
Result<FoundFds> find_fds(const ProcDir& dir, const std::set<std::uint64_t>& inodes, std::size_t limit);

}  // namespace bindtrace
