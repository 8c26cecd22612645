// SPDX-License-Identifier: Apache-2.0
#include "enrich/socket_cgroup.h"

#include <dirent.h>

#include <cstddef>
#include <memory>
#include <vector>

namespace bindtrace {
namespace {

constexpr std::size_t kMostSlices = 256;  // for the instances of templates, and those of the administrator

struct CloseDir {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

// The number of a cgroup is that of its directory. Slices in it are looked through too.
std::optional<std::string> find_unit(const std::filesystem::path& slice, std::uint64_t cgroup_id) {
  std::vector<std::filesystem::path> slices{slice};
  for (std::size_t i = 0; i < slices.size(); ++i) {
    const std::filesystem::path directory = slices[i];
    const std::unique_ptr<DIR, CloseDir> dir(::opendir(directory.c_str()));
    while (const dirent* entry = dir ? ::readdir(dir.get()) : nullptr) {  // NOLINT(concurrency-mt-unsafe): our own
      std::string name = static_cast<const char*>(entry->d_name);
      if (entry->d_ino == cgroup_id && name.ends_with(".socket")) {
        return name;
      }
      if (name.ends_with(".slice") && slices.size() < kMostSlices) {
        slices.push_back(directory / name);
      }
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> socket_unit_of_cgroup(const std::filesystem::path& cgroup_root, std::string_view manager,
                                                 std::uint64_t cgroup_id) {
  constexpr std::string_view kOwnScope = "/init.scope";
  if (!manager.ends_with(kOwnScope)) {
    return std::nullopt;
  }
  manager.remove_suffix(kOwnScope.size());
  // Hybrid hosts have the unified hierarchy beside the others.
  for (const char* hierarchy : {"", "unified"}) {
    for (const char* slice : {"system.slice", "app.slice"}) {
      const std::filesystem::path directory =
          cgroup_root / hierarchy / std::filesystem::path(manager).relative_path() / slice;
      if (auto unit = find_unit(directory, cgroup_id)) {
        return unit;
      }
    }
  }
  return std::nullopt;
}

}  // namespace bindtrace
