// SPDX-License-Identifier: Apache-2.0
#include "tracer_process.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <stdexcept>

namespace bindtrace::bench {

TracerProcess::TracerProcess(const std::string& program, const std::string& tier) {
  std::array<int, 2> ready{};
  if (::pipe(ready.data()) != 0) {
    throw std::runtime_error("cannot make a pipe");
  }
  const auto start = std::chrono::steady_clock::now();
  const std::string attach = "--attach=" + tier;
  const std::string ready_fd = std::to_string(ready[1]);
  pid_ = ::fork();
  if (pid_ == 0) {
    ::close(ready[0]);
    const int null = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    ::dup2(null, STDOUT_FILENO);
    ::dup2(null, STDERR_FILENO);
    ::execl(program.c_str(), program.c_str(), "-j", attach.c_str(), "--ready-fd", ready_fd.c_str(), nullptr);
    ::_exit(127);
  }
  ::close(ready[1]);
  char byte = 0;
  const bool is_ready = ::read(ready[0], &byte, 1) == 1;
  ::close(ready[0]);
  seconds_to_ready_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (!is_ready) {
    ::waitpid(pid_, nullptr, 0);
    throw std::runtime_error(program + " " + attach + " does not start here");
  }
}

TracerProcess::~TracerProcess() {
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
}

}  // namespace bindtrace::bench
