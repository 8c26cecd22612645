// SPDX-License-Identifier: Apache-2.0
// Which sockets are on a port now, in any network namespace: the walk of a failing call, without one. Binds nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "probe/object.h"
#include "probe/socket_search.h"

namespace bindtrace {

// A bt_query of kind BT_QUERY_ADDRESS in: tcp, mptcp, udp or udplite, with a port and the inode number of the network
// namespace. A bt_failure without a victim out, as if that request failed now. kUsage: no such namespace. Takes some
// microseconds, and about 0.1 for each socket on the port.
Result<std::vector<std::byte>> walk_port(const Object& object, std::span<const std::byte> query);

// The walk alone, where nothing is traced.
class PortWalk {
 public:
  // Needs what a tier needs, but attaches nothing.
  static Result<PortWalk> load();

  // See walk_port().
  [[nodiscard]] Result<std::vector<std::byte>> walk(std::span<const std::byte> query) const {
    return walk_port(object_, query);
  }
  [[nodiscard]] std::uint32_t own_tgid() const { return object_.own_tgid(); }
  // See SocketSearch.
  Result<std::vector<std::byte>> search(std::span<const std::byte> query) { return search_.search(object_, query); }

 private:
  explicit PortWalk(Object object) : object_(std::move(object)) {}

  Object object_;
  SocketSearch search_;
};

}  // namespace bindtrace
