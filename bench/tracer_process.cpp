// SPDX-License-Identifier: Apache-2.0
#include "tracer_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <stdexcept>
#include <utility>

#include "base/unique_fd.h"

namespace bindtrace::bench {

TracerProcess::TracerProcess(const std::string& program, const std::vector<std::string>& options, int output) {
  std::array<int, 2> ready{};
  if (::pipe(ready.data()) != 0 || ::fcntl(ready[0], F_SETFD, FD_CLOEXEC) != 0) {
    throw std::runtime_error("cannot make a pipe");
  }
  const UniqueFd ours(ready[0]);
  UniqueFd theirs(ready[1]);
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::string> command{program, "-j", "--all-repeats", "--ready-fd", std::to_string(theirs.get())};
  command.insert(command.end(), options.begin(), options.end());
  child_.emplace(std::move(command), output);
  theirs.reset();
  char byte = 0;
  const bool is_ready = ::read(ours.get(), &byte, 1) == 1;
  seconds_to_ready_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (!is_ready) {
    throw std::runtime_error(fmt::format("{} {} does not start here", program, fmt::join(options, " ")));
  }
}

TracerProcess::TracerProcess(const std::string& program, const std::vector<std::string>& options)
    : TracerProcess(program, options, UniqueFd(::open("/dev/null", O_WRONLY | O_CLOEXEC)).get()) {}

}  // namespace bindtrace::bench
