// SPDX-License-Identifier: Apache-2.0
#include "enrich/file_removals.h"

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <iterator>
#include <optional>
#include <set>
#include <string>

#include "enrich/victim_path.h"

namespace bindtrace {
namespace {

// The number of links is an attribute.
constexpr std::uint32_t kEvents = IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF;

// Absent: nothing is there. inotify tells of a removal after the link is gone and before the name is (vfs_unlink).
std::optional<FileId> identity_of(const UniqueFd& file) {
  struct stat status {};
  if (!file.valid() || ::fstat(file.get(), &status) != 0 || status.st_nlink == 0) {
    return std::nullopt;
  }
  return FileId{status.st_ino, static_cast<std::uint32_t>(status.st_dev)};
}

}  // namespace

FileRemovals::FileRemovals(std::filesystem::path proc_root)
    : inotify_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)), proc_root_(std::move(proc_root)) {}

void FileRemovals::mind(Id id, const Failure& failure, const ProcessReader& processes) {
  forget(id);
  const auto path = open_victim_path(proc_root_, processes, failure);
  if (!path) {
    return;
  }
  const auto identity = identity_of(path->file);
  if (!identity) {
    gone_.push_back(id);
    return;
  }
  // By way of the descriptor: there need not be such a path in our mount namespace.
  const std::string name = "/proc/self/fd/" + std::to_string(path->file.get());
  File file{failure, *identity, ::inotify_add_watch(inotify_.get(), name.c_str(), kEvents)};
  if (file.watch < 0) {
    return;
  }
  // It may have gone before it was watched.
  if (const auto now = open_victim_path(proc_root_, processes, failure); now && !identity_of(now->file)) {
    ::inotify_rm_watch(inotify_.get(), file.watch);
    gone_.push_back(id);
    return;
  }
  file.failure.sockets.clear();
  file.failure.owners.clear();
  files_.emplace(id, std::move(file));
}

std::vector<FileRemovals::Id> FileRemovals::take(const ProcessReader& processes) {
  alignas(inotify_event) std::array<std::byte, 4096> buffer{};
  std::set<int> changed;
  std::set<int> ended;
  for (ssize_t got = 0; (got = ::read(inotify_.get(), buffer.data(), buffer.size())) > 0;) {
    inotify_event event{};
    for (std::size_t at = 0; at < static_cast<std::size_t>(got); at += sizeof event + event.len) {
      std::memcpy(&event, &buffer.at(at), sizeof event);
      changed.insert(event.wd);
      if ((event.mask & (IN_IGNORED | IN_DELETE_SELF)) != 0) {
        ended.insert(event.wd);
      }
    }
  }
  std::vector<std::pair<Id, File>> touched;
  std::copy_if(files_.begin(), files_.end(), std::back_inserter(touched),
               [&](const auto& entry) { return changed.contains(entry.second.watch); });
  for (const auto& [id, file] : touched) {
    const auto path = open_victim_path(proc_root_, processes, file.failure);
    const auto identity = path ? identity_of(path->file) : std::nullopt;
    if (path ? !identity : ended.contains(file.watch)) {
      gone_.push_back(id);
      forget(id);
    } else if (path && *identity != file.identity) {
      mind(id, file.failure, processes);  // another file took its place: the path is not free
    }
  }
  return std::exchange(gone_, {});
}

void FileRemovals::forget_unless(const std::function<bool(Id)>& wanted) {
  std::vector<Id> unwanted;
  for (const auto& entry : files_) {
    if (!wanted(entry.first)) {
      unwanted.push_back(entry.first);
    }
  }
  std::ranges::for_each(unwanted, [this](Id id) { forget(id); });
}

void FileRemovals::forget(Id id) {
  const auto found = files_.find(id);
  if (found == files_.end()) {
    return;
  }
  const int watch = found->second.watch;
  files_.erase(found);
  const bool shared =
      std::any_of(files_.begin(), files_.end(), [&](const auto& entry) { return entry.second.watch == watch; });
  if (!shared) {
    ::inotify_rm_watch(inotify_.get(), watch);  // its IN_IGNORED is of a watch that nobody knows by then
  }
}

}  // namespace bindtrace
