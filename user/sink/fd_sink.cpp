// SPDX-License-Identifier: Apache-2.0
#include "sink/fd_sink.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <string_view>
#include <utility>

namespace bindtrace {
namespace {

constexpr const char* kDoing = "write output";

// A pipe that poll() calls writable takes this much without blocking (pipe(7)).
constexpr std::size_t kNeverBlocks = PIPE_BUF;

Result<void> wait_until_writable(int fd, int cancel_fd) {
  std::array<pollfd, 2> fds{{{fd, POLLOUT, 0}, {cancel_fd, POLLIN, 0}}};
  while (true) {
    const int ready = ::poll(fds.data(), fds.size(), -1);
    if (ready < 0 && errno != EINTR) {
      return fail_errno(errno, kDoing);
    }
    if (ready > 0 && fds[0].revents != 0) {
      return {};  // writable, or broken: write() says which
    }
    if (ready > 0 && fds[1].revents != 0) {
      return fail_errno(ECANCELED, kDoing);
    }
  }
}

Result<std::size_t> write_some(int fd, std::string_view text) {
  while (true) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written >= 0) {
      return static_cast<std::size_t>(written);
    }
    if (errno == EAGAIN) {
      return std::size_t{0};
    }
    if (errno != EINTR) {
      return fail_errno(errno, kDoing);
    }
  }
}

}  // namespace

FdSink::FdSink(int fd, Render render, int cancel_fd) : fd_(fd), render_(std::move(render)), cancel_fd_(cancel_fd) {}

Result<void> FdSink::write(const Event& event) {
  if (auto whole = finish(); !whole) {
    return whole;
  }
  rest_ = render_(event);
  const std::size_t size = rest_.size();
  auto written = finish();
  if (rest_.size() == size) {
    rest_.clear();  // nothing of it is out: no line to make whole
  }
  return written;
}

Result<void> FdSink::finish() {
  while (!rest_.empty()) {
    if (auto writable = wait_until_writable(fd_, cancel_fd_); !writable) {
      return writable;
    }
    const auto written = write_some(fd_, std::string_view(rest_).substr(0, kNeverBlocks));
    if (!written) {
      return tl::unexpected(written.error());
    }
    rest_.erase(0, *written);
  }
  return {};
}

}  // namespace bindtrace
