// SPDX-License-Identifier: Apache-2.0
#include "sink/record_file.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <string_view>

#include <fmt/format.h>

namespace bindtrace {
namespace {

constexpr mode_t kMode = 0640;
// How every record begins (json_head.cpp), and how long none is.
constexpr std::string_view kRecordStart = R"({"schema_version":")";
constexpr off_t kLongestRecord = 1 << 20;

tl::unexpected<Error> refuse(const std::string& path, std::string_view why) {
  return fail(ErrorKind::kUsage, fmt::format("the log file {} {}", path, why));
}

Result<void> check_directory(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  const std::string directory = parent.empty() ? "." : parent.string();
  struct stat status {};
  if (::stat(directory.c_str(), &status) != 0) {
    return fail_errno(errno, "open the directory of the log file " + path);
  }
  if ((status.st_mode & S_IWOTH) != 0 && (status.st_mode & S_ISVTX) == 0) {
    return refuse(path, "is in a directory that everybody can write to: chmod o-w " + directory);
  }
  return {};
}

Result<void> check_file(int fd, const std::string& path) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) {
    return fail_errno(errno, "look at the log file " + path);
  }
  if (!S_ISREG(status.st_mode)) {
    return refuse(path, "is no regular file");
  }
  if (status.st_nlink != 1) {
    return refuse(path, "has several names (hard links): give a file of its own");
  }
  if (status.st_uid != 0 && status.st_uid != ::geteuid()) {
    return refuse(path, "is another user's: chown it, or give another file");
  }
  return {};
}

// The bytes from the last line's start to the end; empty: the file ends with a whole line.
Result<std::string> unfinished_line(int fd, off_t size) {
  const off_t from = std::max<off_t>(size - kLongestRecord, 0);
  std::string tail(static_cast<std::size_t>(size - from), '\0');
  std::size_t got = 0;
  while (got < tail.size()) {
    const ssize_t part = ::pread(fd, &tail[got], tail.size() - got, from + static_cast<off_t>(got));
    if (part == 0 || (part < 0 && errno != EINTR)) {
      return fail_errno(part == 0 ? EIO : errno, "read");
    }
    got += part > 0 ? static_cast<std::size_t>(part) : 0;
  }
  const auto last_newline = tail.rfind('\n');
  return last_newline == std::string::npos ? tail : tail.substr(last_newline + 1);
}

bool begins_like_a_record(std::string_view text) {
  const std::size_t common = std::min(text.size(), kRecordStart.size());
  return text.substr(0, common) == kRecordStart.substr(0, common);
}

Result<void> repair(int fd, const std::string& path) {
  const off_t size = ::lseek(fd, 0, SEEK_END);
  if (size < 0) {
    return fail_errno(errno, "look at the log file " + path);
  }
  const auto rest = unfinished_line(fd, size);
  if (!rest) {
    return tl::unexpected(with_context(rest.error(), "the log file " + path));
  }
  if (rest->empty()) {
    return {};
  }
  if (!begins_like_a_record(*rest)) {
    return refuse(path, "does not end in a record of bindtrace: give another file");
  }
  if (::ftruncate(fd, size - static_cast<off_t>(rest->size())) != 0) {
    return fail_errno(errno, "repair the log file " + path);
  }
  spdlog::warn("the log file {} ended within a record: its {} bytes are removed", path, rest->size());
  return {};
}

}  // namespace

Result<UniqueFd> open_record_file(const std::string& path) {
  if (auto fits = check_directory(path); !fits) {
    return tl::unexpected(fits.error());
  }
  constexpr int kFlags = O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
  UniqueFd file(::open(path.c_str(), kFlags | O_CREAT | O_EXCL, kMode));
  const bool is_new = file.valid();
  if (!is_new && errno == EEXIST) {
    file.reset(::open(path.c_str(), kFlags));
  }
  if (!file.valid()) {
    return errno == ELOOP ? refuse(path, "is a symbolic link: give the file itself")
                          : fail_errno(errno, "open the log file " + path);
  }
  if (is_new) {
    ::fchmod(file.get(), kMode);  // whatever the umask
  }
  if (auto fits = check_file(file.get(), path); !fits) {
    return tl::unexpected(fits.error());
  }
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    return refuse(path, "is written by another bindtrace: give another file");
  }
  if (auto repaired = repair(file.get(), path); !repaired) {
    return tl::unexpected(repaired.error());
  }
  return file;
}

}  // namespace bindtrace
