// SPDX-License-Identifier: Apache-2.0
#include "enrich/users.h"

#include <charconv>
#include <cstddef>
#include <fstream>
#include <string_view>

namespace bindtrace {

std::optional<std::string> Users::name_of(std::uint32_t uid) {
  if (!names_.contains(uid)) {
    read();
  }
  const auto found = names_.find(uid);
  return found == names_.end() ? std::nullopt : std::optional(found->second);
}

void Users::read() {
  std::ifstream file(passwd_);
  for (std::string line; std::getline(file, line);) {
    const std::size_t name_end = line.find(':');
    const std::size_t password_end = name_end == std::string::npos ? name_end : line.find(':', name_end + 1);
    if (password_end == std::string::npos) {
      continue;
    }
    const std::string_view rest = std::string_view(line).substr(password_end + 1);
    const std::string_view id = rest.substr(0, rest.find(':'));
    std::uint32_t uid = 0;
    const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), uid);
    if (error == std::errc{} && end == id.data() + id.size()) {
      names_.try_emplace(uid, line.substr(0, name_end));  // the first line of an id names it
    }
  }
}

}  // namespace bindtrace
