// SPDX-License-Identifier: Apache-2.0
#include "enrich/fd_search.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "enrich/proc_text.h"

namespace bindtrace {
namespace {

std::optional<std::uint64_t> inode_of(const ProcDir& dir, std::uint32_t fd) {
  const auto target = dir.read_link(fmt::format("fd/{}", fd).c_str());
  return target ? parse_socket_link(*target) : std::nullopt;
}

}  // namespace

Result<FdsByInode> find_fds(const ProcDir& dir, const std::set<std::uint64_t>& inodes, std::size_t limit) {
  const auto list = dir.list_fds(limit);
  if (!list) {
    return tl::unexpected(list.error());
  }
  FdsByInode found;
  for (const std::uint32_t fd : list->fds) {
    const auto inode = inode_of(dir, fd);
    if (inode && inodes.contains(*inode)) {
      found[*inode].push_back(fd);
    }
  }
  for (auto& entry : found) {
    std::sort(entry.second.begin(), entry.second.end());
  }
  return found;
}

}  // namespace bindtrace
