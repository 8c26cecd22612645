// SPDX-License-Identifier: Apache-2.0
// Small pieces of sentences.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bindtrace {

// "1 socket", "3 sockets".
std::string counted(std::uint64_t count, std::string_view thing);

}  // namespace bindtrace
