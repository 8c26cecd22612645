// SPDX-License-Identifier: Apache-2.0
#include "enrich/netns_names.h"

#include <system_error>
#include <utility>

namespace bindtrace {

NetnsNames::NetnsNames(Options options) : options_(std::move(options)) {}

std::optional<std::filesystem::path> NetnsNames::known_file_of(std::uint32_t inode) const {
  const auto file = files_.find(inode);
  if (file == files_.end() || options_.netns_of(file->second.string()) != inode) {
    return std::nullopt;
  }
  return file->second;
}

std::optional<std::string> NetnsNames::name_of(std::uint32_t inode) {
  const auto file = file_of(inode);
  return file ? std::optional(file->filename().string()) : std::nullopt;
}

std::optional<std::filesystem::path> NetnsNames::file_of(std::uint32_t inode) {
  if (auto file = known_file_of(inode)) {
    return file;
  }
  const std::uint64_t now_ns = options_.clocks().boottime_ns;
  if (read_boottime_ns_ && now_ns - *read_boottime_ns_ < options_.patience_ns) {
    return std::nullopt;
  }
  read_boottime_ns_ = now_ns;
  read();
  return known_file_of(inode);
}

void NetnsNames::read() {
  files_.clear();
  std::size_t seen = 0;
  for (const std::filesystem::path& directory : options_.directories) {
    std::error_code error;
    for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
         entry.increment(error)) {
      if (++seen > options_.limit) {
        return;
      }
      if (const auto inode = options_.netns_of(entry->path().string())) {
        files_.try_emplace(*inode, entry->path());
      }
    }
  }
}

}  // namespace bindtrace
