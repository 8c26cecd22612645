// SPDX-License-Identifier: Apache-2.0
#include "core/port_look.h"

#include <optional>
#include <utility>
#include <variant>

#include "core/decode.h"
#include "core/search.h"

namespace bindtrace {

Result<Failure> look_at_port(const Request& request, const WalkPort& walk) {
  const auto bytes = walk(encode(SocketsBoundTo{request, std::nullopt}));
  if (!bytes) {
    return tl::unexpected(bytes.error());
  }
  auto record = decode(*bytes);
  if (!record) {
    return tl::unexpected(record.error());
  }
  return std::get<Failure>(*std::move(record));
}

}  // namespace bindtrace
