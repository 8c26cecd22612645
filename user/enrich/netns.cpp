// SPDX-License-Identifier: Apache-2.0
#include "enrich/netns.h"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>

#include "base/unique_fd.h"

namespace bindtrace {
namespace {

tl::unexpected<Error> because(int os_error) {
  return fail(ErrorKind::kSystem, std::generic_category().message(os_error));
}

}  // namespace

Result<std::uint32_t> netns_at(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) {
    return because(errno);
  }
  if (::ioctl(file.get(), NS_GET_NSTYPE) != CLONE_NEWNET) {
    return fail(ErrorKind::kSystem, "it is another kind of file");
  }
  return static_cast<std::uint32_t>(status.st_ino);
}

}  // namespace bindtrace
