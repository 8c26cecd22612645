// SPDX-License-Identifier: Apache-2.0
// Records as the kernel side sends them, to start from: tests change what they are about.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string_view>
#include <variant>
#include <vector>

#include "core/decode.h"
#include "wire.h"

namespace bindtrace {

template <typename Wire>
std::vector<std::byte> bytes_of(const Wire& wire) {
  std::vector<std::byte> bytes(sizeof wire);
  std::memcpy(bytes.data(), &wire, sizeof wire);
  return bytes;
}

// Throws if it is none.
template <typename Value, typename Wire>
Value decoded(const Wire& wire) {
  return std::get<Value>(decode(bytes_of(wire)).value());
}

// As much of it as the field has room for.
template <std::size_t N>
void put(char (&to)[N], std::string_view text) {
  std::copy_n(text.begin(), std::min(N, text.size()), to);
}

// nginx[1234] could not bind tcp 0.0.0.0:80; no socket.
bt_failure wire_failure();
// Listens there, and overlaps.
bt_socket wire_listener();

}  // namespace bindtrace
