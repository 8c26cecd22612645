// SPDX-License-Identifier: Apache-2.0
#include "enrich/root_directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <memory>
#include <string_view>

namespace bindtrace {
namespace {

constexpr std::size_t kMostEntries = 8192;
constexpr std::size_t kLongestFile = 65'536;

struct CloseDir {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

RootDirectory::Kind kind_of(unsigned char type) {
  switch (type) {
    case DT_REG:
      return RootDirectory::Kind::kFile;
    case DT_DIR:
      return RootDirectory::Kind::kDirectory;
    default:
      return RootDirectory::Kind::kOther;
  }
}

// Only what is known to be a regular file is opened: to open a device has effects.
UniqueFd reopen(const UniqueFd& found) {
  const std::string link = "/proc/self/fd/" + std::to_string(found.get());
  return UniqueFd(::open(link.c_str(), O_RDONLY | O_CLOEXEC));
}

}  // namespace

Result<UniqueFd> RootDirectory::open(const std::string& path, int flags) const {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  UniqueFd file(static_cast<int>(::syscall(SYS_openat2, root_.get(), path.c_str(), &how, sizeof how)));
  if (!file.valid()) {
    return fail_errno(errno, "open " + path);
  }
  return file;
}

Result<UniqueFd> RootDirectory::find(const std::string& path) const {
  return open(path, O_PATH);
}

Result<std::vector<RootDirectory::Entry>> RootDirectory::list(const std::string& path) const {
  auto fd = open(path, O_RDONLY | O_DIRECTORY);
  if (!fd) {
    return tl::unexpected(std::move(fd.error()));
  }
  const std::unique_ptr<DIR, CloseDir> dir(::fdopendir(fd->get()));
  if (!dir) {
    return fail_errno(errno, "list " + path);
  }
  (void)fd->release();  // closedir closes it
  std::vector<Entry> entries;
  errno = 0;
  while (const dirent* entry = ::readdir(dir.get())) {  // NOLINT(concurrency-mt-unsafe): a stream of our own
    if (entries.size() >= kMostEntries) {
      return fail(ErrorKind::kSystem, "too many entries in " + path);
    }
    entries.push_back({static_cast<const char*>(entry->d_name), kind_of(entry->d_type)});
    errno = 0;
  }
  if (errno != 0) {
    return fail_errno(errno, "list " + path);
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
  return entries;
}

Result<std::string> RootDirectory::read_file(const std::string& path) const {
  const auto found = find(path);
  if (!found) {
    return tl::unexpected(found.error());
  }
  struct stat status {};
  if (::fstat(found->get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return fail(ErrorKind::kSystem, path + " is no regular file");
  }
  const UniqueFd file = reopen(*found);
  if (!file.valid()) {
    return fail_errno(errno, "open " + path);
  }
  std::string text(kLongestFile + 1, '\0');
  std::size_t length = 0;
  while (length < text.size()) {
    const ssize_t got = ::read(file.get(), text.data() + length, text.size() - length);
    if (got < 0 && errno != EINTR) {
      return fail_errno(errno, "read " + path);
    }
    if (got == 0) {
      text.resize(length);
      return text;
    }
    length += got > 0 ? static_cast<std::size_t>(got) : 0;
  }
  return fail(ErrorKind::kSystem, path + " is too long for a unit file");
}

Result<std::string> RootDirectory::read_link(const std::string& path) const {
  const auto link = open(path, O_PATH | O_NOFOLLOW);
  if (!link) {
    return tl::unexpected(link.error());
  }
  std::array<char, PATH_MAX> target{};
  const ssize_t length = ::readlinkat(link->get(), "", target.data(), target.size());
  if (length < 0) {
    return fail_errno(errno, "read link " + path);
  }
  return std::string(target.data(), static_cast<std::size_t>(length));
}

}  // namespace bindtrace
