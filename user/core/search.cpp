// SPDX-License-Identifier: Apache-2.0
#include "core/search.h"

#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "core/wire_values.h"
#include "wire.h"

namespace bindtrace {
namespace {

static_assert(kMaxSearched == BT_MAX_HOLDERS);

// A path ends with its NUL, whatever the caller's length says; an abstract name has its length.
void end_at_nul(bt_request& request) {
  if (request.name[0] != '\0') {
    const std::size_t length = strnlen(static_cast<const char*>(request.name), sizeof request.name);
    std::fill(std::begin(request.name) + length, std::end(request.name), '\0');
  }
}

bt_query query_of(const SocketsWithInodes& sockets) {
  bt_query query{};
  query.kind = BT_QUERY_INODE;
  std::copy_n(sockets.inodes.begin(), std::min(sockets.inodes.size(), kMaxSearched), std::begin(query.inode));
  return query;
}

bt_query query_of(const SocketsBoundTo& bound) {
  bt_query query{};
  query.kind = BT_QUERY_ADDRESS;
  query.fd = bound.file.value_or(-1);
  const auto& wire = bound.request.wire;
  const auto request = std::as_writable_bytes(std::span(&query.request, 1));
  std::copy_n(wire.begin(), std::min(wire.size(), request.size()), request.begin());
  end_at_nul(query.request);
  return query;
}

}  // namespace

std::vector<std::byte> encode(const SocketQuery& query) {
  const bt_query wire = std::visit([](const auto& sockets) { return query_of(sockets); }, query);
  const auto bytes = std::as_bytes(std::span(&wire, 1));
  return {bytes.begin(), bytes.end()};
}

Result<std::vector<Holding>> decode_holdings(std::span<const std::byte> bytes, Transport transport) {
  std::vector<Holding> holdings;
  for (; !bytes.empty(); bytes = bytes.subspan(sizeof(bt_holding))) {
    const auto wire = copy_out<bt_holding>(bytes, "holding");
    if (!wire) {
      return tl::unexpected(wire.error());
    }
    HolderSocket socket = socket_from(wire->socket, transport);
    socket.connection = socket.state == SocketState::kEstablished && wire->sock_type != SOCK_DGRAM;
    holdings.push_back({task_from(wire->task), wire->fd, std::move(socket)});
  }
  return holdings;
}

}  // namespace bindtrace
