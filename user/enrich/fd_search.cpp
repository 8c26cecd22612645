// SPDX-License-Identifier: Apache-2.0
#include "enrich/fd_search.h"

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

#include "enrich/proc_text.h"

namespace bindtrace {

Result<FoundFds> find_fds(const ProcDir& dir, const std::set<std::uint64_t>& inodes, std::size_t limit) {
  const auto list = dir.list_fds(limit);
  if (!list) {
    return tl::unexpected(list.error());
  }
  FoundFds found{{}, !list->cut};
  for (const std::uint32_t fd : list->fds) {
    const auto target = dir.read_link(fmt::format("fd/{}", fd).c_str());
    if (!target) {
      found.whole = found.whole && target.error().os_error == ENOENT;  // closed meanwhile
      continue;
    }
    const auto inode = parse_socket_link(*target);
    if (inode && inodes.contains(*inode)) {
      found.fds[*inode].push_back(fd);
    }
  }
  for (auto& entry : found.fds) {
    std::sort(entry.second.begin(), entry.second.end());
  }
  return found;
}

}  // namespace bindtrace
