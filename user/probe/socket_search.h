// SPDX-License-Identifier: Apache-2.0
// Asks the kernel side who has a socket open now.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "probe/object.h"

namespace bindtrace {

class SocketSearch {
 public:
  // A bt_query in, bt_holding records out: one for each descriptor. Takes time for all descriptors of the machine,
  // about 0.25 us each. ErrorKind::kUnsupported: the kernel does not tell where such sockets keep their address.
  Result<std::vector<std::byte>> search(const Object& object, std::span<const std::byte> query);

 private:
  std::optional<Result<std::uint32_t>> vsock_address_;  // once it was asked for
};

}  // namespace bindtrace
