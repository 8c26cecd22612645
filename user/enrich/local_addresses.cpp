// SPDX-License-Identifier: Apache-2.0
#include "enrich/local_addresses.h"

#include <cstddef>
#include <string>

#include <fmt/format.h>

namespace bindtrace {
namespace {

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

}  // namespace

// "|-- 172.17.0.2" is a leaf; its routes follow, each on a line: "/32 host LOCAL" is an address of our own.
bool fib_trie_has_local(std::string_view text, const IpAddress& address) {
  if (address.family != Family::kIpv4) {
    return false;
  }
  const std::string leaf = "|-- " + to_string(address);
  bool at_leaf = false;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (line.find("|--") != std::string_view::npos || line.find("+--") != std::string_view::npos) {
      at_leaf = line.ends_with(leaf);
    } else if (at_leaf && line.ends_with("/32 host LOCAL")) {
      return true;
    }
  }
  return false;
}

// 32 digits without colons at the beginning of each line.
bool if_inet6_has(std::string_view text, const IpAddress& address) {
  if (address.family != Family::kIpv6) {
    return false;
  }
  const std::string digits = fmt::format("{:02x}", fmt::join(address.bytes, ""));
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (line.starts_with(digits) && line.substr(digits.size()).starts_with(' ')) {
      return true;
    }
  }
  return false;
}

}  // namespace bindtrace
