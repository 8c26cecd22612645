// SPDX-License-Identifier: Apache-2.0
#include "app/config_text.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <system_error>

#include <fmt/format.h>

#include "base/unique_fd.h"

namespace bindtrace {
namespace {

constexpr std::size_t kMostBytes = 64U << 10U;

tl::unexpected<Error> cannot_read(const std::string& path, const std::string& why) {
  return fail(ErrorKind::kUsage, fmt::format("cannot read the configuration {}: {}", path, why));
}

std::string text_of(int os_error) {
  return std::generic_category().message(os_error);
}

}  // namespace

Result<std::string> read_config(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat status {};
  if (!file.valid() || ::fstat(file.get(), &status) != 0) {
    return cannot_read(path, text_of(errno));
  }
  if (!S_ISREG(status.st_mode)) {
    return cannot_read(path, "it is no regular file");
  }
  if ((status.st_uid != 0 && status.st_uid != ::geteuid()) || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return cannot_read(path, "other users can write to it: chown it to root and chmod 644 it");
  }
  std::string text(kMostBytes + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(file.get(), &text[size], text.size() - size);
    if (got < 0 && errno != EINTR) {
      return cannot_read(path, text_of(errno));
    }
    if (got == 0) {
      break;
    }
    size += got > 0 ? static_cast<std::size_t>(got) : 0;
  }
  if (size > kMostBytes) {
    return cannot_read(path, fmt::format("it has more than {} bytes", kMostBytes));
  }
  text.resize(size);
  return text;
}

}  // namespace bindtrace
