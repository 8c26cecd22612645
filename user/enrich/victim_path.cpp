// SPDX-License-Identifier: Apache-2.0
#include "enrich/victim_path.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "enrich/proc_dir.h"

namespace bindtrace {
namespace {

constexpr const char* kHidesRoot = "does not let its root directory be seen (that takes CAP_SYS_PTRACE)";
constexpr const char* kHidesDirectory = "does not let it be seen (that takes CAP_SYS_PTRACE)";

// A path leads nowhere out of `directory`: of a root by its nature, of another by EXDEV.
Result<UniqueFd> open_below(const UniqueFd& directory, const std::string& path, std::uint64_t how) {
  open_how open{};
  open.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
  open.resolve = how | RESOLVE_NO_MAGICLINKS;
  UniqueFd file(static_cast<int>(::syscall(SYS_openat2, directory.get(), path.c_str(), &open, sizeof open)));
  if (!file.valid()) {
    return fail_errno(errno, "look up " + path);
  }
  return file;
}

PathFile kind_of(const UniqueFd& file) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) {
    return PathFile::kOther;
  }
  switch (status.st_mode & S_IFMT) {
    case S_IFSOCK:
      return PathFile::kSocket;
    case S_IFREG:
      return PathFile::kRegular;
    case S_IFDIR:
      return PathFile::kDirectory;
    case S_IFLNK:
      return PathFile::kSymbolicLink;
    default:
      return PathFile::kOther;
  }
}

Result<UniqueFd> open_relative(const UniqueFd& directory, const std::string& path) {
  auto file = open_below(directory, path, RESOLVE_BENEATH);
  if (file || file.error().os_error != EXDEV) {
    return file;
  }
  return fail(ErrorKind::kUnsupported, fmt::format("the path {} leads out of the directory that it starts from", path));
}

// The root directory of a process that shares mount namespace and root with the victim.
std::optional<UniqueFd> same_root(const std::filesystem::path& proc_root, std::uint32_t pid, const Request& request) {
  const auto dir = ProcDir::open(proc_root, pid);
  const auto mount_ns = dir ? dir->identify("ns/mnt") : Result<FileId>(tl::unexpected(dir.error()));
  const auto root = dir ? dir->identify("root") : Result<FileId>(tl::unexpected(dir.error()));
  if (!mount_ns || !root || mount_ns->inode != request.mount_ns || *root != request.root) {
    return std::nullopt;
  }
  auto opened = dir->open_directory("root");
  return opened ? std::optional(*std::move(opened)) : std::nullopt;
}

Result<UniqueFd> shared_root(const std::filesystem::path& proc_root, const Failure& failure, bool exited) {
  const auto self = static_cast<std::uint32_t>(::getpid());
  for (const std::uint32_t pid : {failure.victim.parent_pid.value_or(1), 1U, self}) {
    if (auto root = same_root(proc_root, pid, failure.request)) {
      return *std::move(root);
    }
  }
  return fail(ErrorKind::kUnsupported, fmt::format("{} {}, and no process that shares its files is known",
                                                   failure.victim.comm, exited ? "has exited" : kHidesRoot));
}

// Absent: it has exited, or is not to be looked into.
std::optional<UniqueFd> own_directory(const ProcessReader& processes, const Task& victim, const char* which) {
  const auto dir = processes.open(victim.pid, victim.start_boottime_ns);
  auto directory = dir ? dir->open_directory(which) : Result<UniqueFd>(tl::unexpected(Error{}));
  return directory ? std::optional(*std::move(directory)) : std::nullopt;
}

Result<UniqueFd> open_as_victim(const std::filesystem::path& proc_root, const ProcessReader& processes,
                                const Failure& failure) {
  const std::string& path = *failure.request.endpoint.name;
  const bool absolute = path.front() == '/';
  if (const auto own = own_directory(processes, failure.victim, absolute ? "root" : "cwd")) {
    return absolute ? open_below(*own, path, RESOLVE_IN_ROOT) : open_relative(*own, path);
  }
  const bool exited = processes.alive(failure.victim.pid, failure.victim.start_boottime_ns) == false;
  if (!absolute) {
    return fail(ErrorKind::kUnsupported, fmt::format("the path is relative, and {}, which knew its directory, {}",
                                                     failure.victim.comm, exited ? "has exited" : kHidesDirectory));
  }
  auto root = shared_root(proc_root, failure, exited);
  return root ? open_below(*root, path, RESOLVE_IN_ROOT) : std::move(root);
}

}  // namespace

Result<VictimPath> open_victim_path(const std::filesystem::path& proc_root, const ProcessReader& processes,
                                    const Failure& failure) {
  auto file = open_as_victim(proc_root, processes, failure);
  if (file) {
    const PathFile kind = kind_of(*file);
    return VictimPath{kind, *std::move(file)};
  }
  if (file.error().os_error == ENOENT) {
    return VictimPath{};
  }
  return tl::unexpected(std::move(file.error()));
}

}  // namespace bindtrace
