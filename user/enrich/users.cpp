// SPDX-License-Identifier: Apache-2.0
#include "enrich/users.h"

#include <charconv>
#include <cstddef>
#include <fstream>
#include <string_view>
#include <utility>

namespace bindtrace {
namespace {

struct Entry {
  std::string name;
  std::uint32_t uid = 0;
};

// "name:password:uid:..."; absent: no such line.
std::optional<Entry> entry_of(std::string_view line) {
  const std::size_t name_end = line.find(':');
  const std::size_t password_end = name_end == std::string_view::npos ? name_end : line.find(':', name_end + 1);
  if (password_end == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view rest = line.substr(password_end + 1);
  const std::string_view id = rest.substr(0, rest.find(':'));
  Entry entry{std::string(line.substr(0, name_end)), 0};
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), entry.uid);
  return error == std::errc{} && end == id.data() + id.size() ? std::optional(std::move(entry)) : std::nullopt;
}

}  // namespace

std::optional<std::string> Users::name_of(std::uint32_t uid) {
  if (!names_.contains(uid)) {
    read();
  }
  const auto found = names_.find(uid);
  return found == names_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::uint32_t> Users::uid_of(const std::string& name) const {
  std::ifstream file(passwd_);
  for (std::string line; std::getline(file, line);) {
    if (const auto entry = entry_of(line); entry && entry->name == name) {
      return entry->uid;
    }
  }
  return std::nullopt;
}

void Users::read() {
  std::ifstream file(passwd_);
  for (std::string line; std::getline(file, line);) {
    if (auto entry = entry_of(line)) {
      names_.try_emplace(entry->uid, std::move(entry->name));  // the first line of an id names it
    }
  }
}

}  // namespace bindtrace
