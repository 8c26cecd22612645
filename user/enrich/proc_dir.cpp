// SPDX-License-Identifier: Apache-2.0
#include "enrich/proc_dir.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <climits>
#include <cstring>
#include <memory>
#include <system_error>

#include <fmt/format.h>

namespace bindtrace {
namespace {

Result<std::string> read_all(int fd, std::size_t limit, const std::string& doing) {
  std::string text;
  std::array<char, 4096> chunk{};
  while (text.size() < limit) {
    const ssize_t got = ::read(fd, chunk.data(), std::min(chunk.size(), limit - text.size()));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return fail_errno(errno, doing);
    }
    if (got == 0) {
      break;
    }
    text.append(chunk.data(), static_cast<std::size_t>(got));
  }
  return text;
}

// MKDEV of linux/kdev_t.h; user space's dev_t has another form.
std::uint32_t kernel_device(dev_t device) {
  constexpr unsigned kMinorBits = 20;
  return ::major(device) << kMinorBits | ::minor(device);
}

struct CloseDir {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

}  // namespace

Result<ProcDir> ProcDir::open(const std::filesystem::path& proc_root, std::uint32_t pid) {
  const std::filesystem::path path = proc_root / std::to_string(pid);
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) {
    return fail_errno(errno, "open " + path.string());
  }
  return ProcDir(std::move(fd), pid);
}

Result<std::string> ProcDir::read_file(const char* name, std::size_t limit) const {
  const std::string doing = fmt::format("read {} of process {}", name, pid_);
  const UniqueFd file(::openat(fd_.get(), name, O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file.valid()) {
    return fail_errno(errno, doing);
  }
  return read_all(file.get(), limit, doing);
}

Result<std::string> ProcDir::read_link(const char* name) const {
  std::array<char, PATH_MAX> target{};
  const ssize_t length = ::readlinkat(fd_.get(), name, target.data(), target.size());
  if (length < 0) {
    return fail_errno(errno, fmt::format("read link {} of process {}", name, pid_));
  }
  return std::string(target.data(), static_cast<std::size_t>(length));
}

Result<UniqueFd> ProcDir::open_directory(const char* name) const {
  UniqueFd directory(::openat(fd_.get(), name, O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory.valid()) {
    return fail_errno(errno, fmt::format("open {} of process {}", name, pid_));
  }
  return directory;
}

Result<FileId> ProcDir::identify(const char* name) const {
  struct stat status {};
  if (::fstatat(fd_.get(), name, &status, 0) != 0) {
    return fail_errno(errno, fmt::format("look up {} of process {}", name, pid_));
  }
  return FileId{status.st_ino, kernel_device(status.st_dev)};
}

Result<ProcDir::FdList> ProcDir::list_fds(std::size_t limit) const {
  const std::string doing = fmt::format("list descriptors of process {}", pid_);
  UniqueFd fd(::openat(fd_.get(), "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) {
    return fail_errno(errno, doing);
  }
  const std::unique_ptr<DIR, CloseDir> dir(::fdopendir(fd.get()));
  if (!dir) {
    return fail_errno(errno, doing);
  }
  (void)fd.release();  // closedir closes it
  FdList list;
  errno = 0;
  while (const dirent* entry = ::readdir(dir.get())) {  // NOLINT(concurrency-mt-unsafe): a stream of our own
    const char* const end = entry->d_name + std::strlen(entry->d_name);
    std::uint32_t number = 0;
    const auto parsed = std::from_chars(entry->d_name, end, number);
    if (parsed.ec != std::errc{} || parsed.ptr != end) {
      continue;
    }
    if (list.fds.size() >= limit) {
      list.cut = true;
      return list;
    }
    list.fds.push_back(number);
    errno = 0;
  }
  if (errno != 0) {
    return fail_errno(errno, doing);
  }
  return list;
}

std::vector<std::uint32_t> list_pids(const std::filesystem::path& directory) {
  std::vector<std::uint32_t> pids;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    std::uint32_t pid = 0;
    const auto parsed = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (parsed.ec == std::errc{} && parsed.ptr == name.data() + name.size()) {
      pids.push_back(pid);
    }
  }
  std::sort(pids.begin(), pids.end());
  return pids;
}

std::optional<std::string> read_line_file(const std::filesystem::path& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file.valid()) {
    return std::nullopt;
  }
  auto text = read_all(file.get(), ProcDir::kSmallFile, "read " + path.string());
  if (!text) {
    return std::nullopt;
  }
  while (!text->empty() && text->back() == '\n') {
    text->pop_back();
  }
  return text->empty() ? std::nullopt : std::optional(*std::move(text));
}

}  // namespace bindtrace
