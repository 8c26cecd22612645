// SPDX-License-Identifier: Apache-2.0
// Values out of the structs of bpf/wire.h that several records share. For core's own sources only.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/result.h"
#include "core/failure.h"
#include "wire.h"

namespace bindtrace {

// Out of the ring by copy: nothing is assumed about the alignment of what we were given. The first `least` bytes must
// be there; what is missing of the rest is zero.
template <typename Wire>
Result<Wire> copy_out(std::span<const std::byte> bytes, std::string_view what, std::size_t least = sizeof(Wire)) {
  if (bytes.size() < least) {
    return fail(ErrorKind::kMalformed, fmt::format("{} record of {} bytes, needs {}", what, bytes.size(), least));
  }
  Wire wire{};
  std::memcpy(&wire, bytes.data(), std::min(bytes.size(), sizeof wire));
  return wire;
}

template <std::size_t N>
Name name_from(const char (&text)[N]) {
  const std::size_t length = strnlen(text, N);
  return {std::string(text, length), length >= N - 1};
}

template <typename T>
std::optional<T> unless_zero(T value) {
  return value == 0 ? std::nullopt : std::optional<T>(value);
}

bool has(std::uint32_t flags, std::uint32_t bit);

// Absent: no IP address.
std::optional<IpAddress> address_from(std::uint16_t family, const __u8 (&bytes)[16]);
Task task_from(const bt_task& wire);
SocketOptions options_from(std::uint32_t flags, std::uint32_t device);
HolderSocket socket_from(const bt_socket& wire, Transport transport);

}  // namespace bindtrace
