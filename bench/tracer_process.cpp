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

TracerProcess::TracerProcess(const std::string& program, const std::vector<std::string>& options) {
  std::array<int, 2> ready{};
  if (::pipe(ready.data()) != 0) {
    throw std::runtime_error("cannot make a pipe");
  }
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::string> words{program, "-j", "--ready-fd", std::to_string(ready[1])};
  words.insert(words.end(), options.begin(), options.end());
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ == 0) {
    ::close(ready[0]);
    const int null = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    ::dup2(null, STDOUT_FILENO);
    ::dup2(null, STDERR_FILENO);
    ::execv(program.c_str(), arguments.data());
    ::_exit(127);
  }
  ::close(ready[1]);
  char byte = 0;
  const bool is_ready = ::read(ready[0], &byte, 1) == 1;
  ::close(ready[0]);
  seconds_to_ready_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (!is_ready) {
    ::waitpid(pid_, nullptr, 0);
    throw std::runtime_error(program + " " + options.front() + " does not start here");
  }
}

TracerProcess::~TracerProcess() {
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
}

}  // namespace bindtrace::bench
