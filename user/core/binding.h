// SPDX-License-Identifier: Apache-2.0
// The kernel side's record of who bound a socket.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace bindtrace {

struct Binding {
  std::uint64_t inode = 0;
  std::uint32_t pid = 0;
  std::uint64_t start_boottime_ns = 0;
  std::string comm;
  std::uint16_t port = 0;  // of an IP socket
  // Absent: it had the socket when bindtrace started; who made the bind, and when, is not known.
  std::optional<std::uint64_t> bound_boottime_ns;
  std::uint64_t recorded_boottime_ns = 0;
};

// A bt_binder of bpf/wire.h; a longer value is accepted, a shorter one is ErrorKind::kMalformed.
Result<Binding> decode_binding(std::span<const std::byte> bytes);

// The record of a socket, by its inode. Absent: its bind was not recorded.
using FindBinding = std::function<std::optional<std::vector<std::byte>>(std::uint64_t inode)>;

}  // namespace bindtrace
