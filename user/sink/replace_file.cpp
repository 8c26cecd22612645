// SPDX-License-Identifier: Apache-2.0
#include "sink/replace_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/unique_fd.h"

namespace bindtrace {
namespace {

constexpr mode_t kForAllToRead = 0644;

// What a run that was killed has left there is removed first, so that nothing that exists is ever written to.
Result<UniqueFd> create(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    return fail_errno(errno, "remove " + path);
  }
  UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kForAllToRead));
  if (!file.valid()) {
    return fail_errno(errno, "create " + path);
  }
  if (::fchmod(file.get(), kForAllToRead) != 0) {  // whatever the umask
    return fail_errno(errno, "set the mode of " + path);
  }
  return file;
}

Result<void> write_all(int fd, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno != EINTR) {
      return fail_errno(errno, "write " + path);
    }
    text.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
  }
  return {};
}

Result<void> write_new(const std::string& path, std::string_view text) {
  auto file = create(path);
  if (!file) {
    return tl::unexpected(file.error());
  }
  if (auto written = write_all(file->get(), text, path); !written) {
    return written;
  }
  if (::close(file->release()) != 0) {
    return fail_errno(errno, "write " + path);
  }
  return {};
}

std::string temporary_of(const std::string& path) {
  return path + ".tmp";
}

}  // namespace

Result<void> replace_file(const std::string& path, std::string_view text) {
  const std::string temporary = temporary_of(path);
  auto done = write_new(temporary, text);
  if (done && ::rename(temporary.c_str(), path.c_str()) != 0) {
    done = fail_errno(errno, "rename " + temporary + " to " + path);
  }
  if (!done) {
    ::unlink(temporary.c_str());
  }
  return done;
}

Result<void> try_to_replace(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) {
    return fail_errno(EISDIR, "write " + path);
  }
  const std::string temporary = temporary_of(path);
  auto file = create(temporary);
  if (!file) {
    return tl::unexpected(file.error());
  }
  ::unlink(temporary.c_str());
  return {};
}

}  // namespace bindtrace
