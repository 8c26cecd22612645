// SPDX-License-Identifier: Apache-2.0
// The addresses of a network namespace's own interfaces, as files under /proc/PID/net list them. Pure.
#pragma once

#include <string_view>

#include "core/endpoint.h"

namespace bindtrace {

// fib_trie: IPv4.
bool fib_trie_has_local(std::string_view text, const IpAddress& address);

// if_inet6: IPv6.
bool if_inet6_has(std::string_view text, const IpAddress& address);

}  // namespace bindtrace
