// SPDX-License-Identifier: Apache-2.0
#include "enrich/netns.h"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "base/quiet_thread.h"
#include "base/unique_fd.h"

namespace bindtrace {
namespace {

tl::unexpected<Error> because(int os_error) {
  return fail(ErrorKind::kSystem, std::generic_category().message(os_error));
}

struct OpenNetns {
  UniqueFd file;
  std::uint32_t inode = 0;
};

Result<OpenNetns> open_netns(const std::string& path) {
  UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) {
    return because(errno);
  }
  if (::ioctl(file.get(), NS_GET_NSTYPE) != CLONE_NEWNET) {
    return fail(ErrorKind::kSystem, "it is another kind of file");
  }
  return OpenNetns{std::move(file), static_cast<std::uint32_t>(status.st_ino)};
}

}  // namespace

Result<std::uint32_t> netns_at(const std::string& path) {
  const auto netns = open_netns(path);
  return netns ? Result<std::uint32_t>(netns->inode) : tl::unexpected(netns.error());
}

Result<void> in_netns(const std::string& path, std::uint32_t inode, const std::function<void()>& work) {
  const auto netns = open_netns(path);
  if (!netns) {
    return tl::unexpected(netns.error());
  }
  if (netns->inode != inode) {
    return fail(ErrorKind::kSystem, "it is another network namespace");
  }
  int os_error = 0;
  try {
    quiet_thread([&] {
      os_error = ::setns(netns->file.get(), CLONE_NEWNET) == 0 ? 0 : errno;
      if (os_error == 0) {
        work();
      }
    }).join();
  } catch (const std::system_error& error) {  // no thread could be had
    os_error = error.code().value();
  }
  return os_error == 0 ? Result<void>() : because(os_error);
}

}  // namespace bindtrace
