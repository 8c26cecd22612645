// SPDX-License-Identifier: Apache-2.0
#include "holdings.h"

#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <iterator>

namespace bindtrace {
namespace {

template <typename Key, typename Wire>
std::optional<std::vector<std::byte>> bytes_at(const std::map<Key, Wire>& records, Key key) {
  const auto found = records.find(key);
  if (found == records.end()) {
    return std::nullopt;
  }
  const auto bytes = std::as_bytes(std::span(&found->second, 1));
  return std::vector<std::byte>(bytes.begin(), bytes.end());
}

}  // namespace

void Holdings::add(const Entry& entry) {
  bt_holding& holding = all_.emplace_back();
  holding.task.tgid = entry.pid;
  holding.task.start_boottime_ns = entry.start_boottime_ns;
  entry.comm.copy(static_cast<char*>(holding.task.comm), sizeof holding.task.comm - 1);
  holding.socket.inode = entry.inode;
  holding.socket.state = entry.state;
  holding.socket.family = AF_INET;  // the wildcard
  holding.socket.flags = BT_SOCK_OVERLAPS;
  holding.fd = entry.fd;
  holding.sock_type = entry.sock_type;
}

void Holdings::note(const Bind& bind) {
  bt_binder& binder = binders_[bind.inode];
  binder.inode = bind.inode;
  binder.ktime_ns = bind.ktime_ns;
  binder.start_boottime_ns = bind.start_boottime_ns;
  binder.tgid = bind.pid;
  binder.port = bind.port;
  binder.seeded = bind.seeded ? 1 : 0;
  bind.comm.copy(static_cast<char*>(binder.comm), sizeof binder.comm - 1);
}

std::optional<std::vector<std::byte>> Holdings::find_binding(std::uint64_t inode) const {
  return bytes_at(binders_, inode);
}

std::optional<std::vector<std::byte>> Holdings::find_stop(std::uint32_t pid) const {
  return bytes_at(stops_, pid).value_or(std::vector<std::byte>{});
}

Result<std::vector<std::byte>> Holdings::search(std::span<const std::byte> query) {
  if (error_) {
    return tl::unexpected(*error_);
  }
  bt_query wire{};
  std::memcpy(&wire, query.data(), std::min(query.size(), sizeof wire));
  last_query_ = wire;
  std::vector<std::byte> found;
  for (const bt_holding& holding : all_) {
    const bool asked_for =
        std::find(std::begin(wire.inode), std::end(wire.inode), holding.socket.inode) != std::end(wire.inode);
    if (wire.kind == BT_QUERY_ADDRESS || asked_for) {
      const auto bytes = std::as_bytes(std::span(&holding, 1));
      found.insert(found.end(), bytes.begin(), bytes.end());
    }
  }
  return found;
}

}  // namespace bindtrace
