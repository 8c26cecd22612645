// SPDX-License-Identifier: Apache-2.0
// The search for who has a socket open now: what is asked of the kernel side, and what it answers. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "base/result.h"
#include "core/failure.h"

namespace bindtrace {

// These sockets; no more than kMaxSearched.
struct SocketsWithInodes {
  std::vector<std::uint64_t> inodes;
};
inline constexpr std::size_t kMaxSearched = 16;  // BT_MAX_HOLDERS

// What is bound to the address of a request that has no bind table to be walked.
struct SocketsBoundTo {
  const Request& request;
  // A Unix path: our own descriptor of the file that is there, which tells it in any mount namespace and by any name.
  // Absent: by the path as the holder gave it, in the victim's mount namespace and root.
  std::optional<int> file;
};

using SocketQuery = std::variant<SocketsWithInodes, SocketsBoundTo>;

// As bpf/wire.h has it.
std::vector<std::byte> encode(const SocketQuery& query);

// A descriptor of a socket that was looked for, at the moment of the search.
struct Holding {
  Task task;
  std::uint32_t fd = 0;
  HolderSocket socket;
};

// The records of the kernel side, one after the other. Bytes that are no whole records are ErrorKind::kMalformed.
Result<std::vector<Holding>> decode_holdings(std::span<const std::byte> bytes, Transport transport);

// Asks the kernel side: every descriptor of every process, whatever its namespaces. An error is not "nobody".
using SearchSockets = std::function<Result<std::vector<std::byte>>(std::span<const std::byte> query)>;

}  // namespace bindtrace
