// SPDX-License-Identifier: Apache-2.0
// The names that `ip netns`, docker and podman give to network namespaces: each is a file that keeps one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "enrich/netns.h"

namespace bindtrace {

// Where they are on a host; the first is podman's too.
inline std::vector<std::filesystem::path> netns_directories() {
  return {"/run/netns", "/run/docker/netns"};
}

class NetnsNames {
 public:
  struct Options {
    std::vector<std::filesystem::path> directories;  // the first that names a namespace counts
    std::function<Instant()> clocks;
    std::function<Result<std::uint32_t>(const std::string& path)> netns_of = netns_at;
    std::size_t limit = 1024;  // files looked at in all
    std::uint64_t patience_ns = 1'000'000'000;
  };

  explicit NetnsNames(Options options);

  // By its inode number, which another namespace may get later: a name that is known is looked up again. The
  // directories are read for a number that is not known, at most once in `patience_ns`.
  std::optional<std::string> name_of(std::uint32_t inode);
  // The file of that name.
  std::optional<std::filesystem::path> file_of(std::uint32_t inode);

 private:
  [[nodiscard]] std::optional<std::filesystem::path> known_file_of(std::uint32_t inode) const;
  void read();

  Options options_;
  std::map<std::uint32_t, std::filesystem::path> files_;
  std::optional<std::uint64_t> read_boottime_ns_;
};

}  // namespace bindtrace
