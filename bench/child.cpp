// SPDX-License-Identifier: Apache-2.0
#include "child.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace bindtrace::bench {

Child::Child(std::vector<std::string> command, int output) {
  constexpr int kNotRun = 127;
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (std::string& word : command) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ == 0) {
    const int null = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(null, STDERR_FILENO);
    ::execvp(arguments.front(), arguments.data());
    ::_exit(kNotRun);
  }
}

bool Child::ended() {
  waited_for_ = waited_for_ || ::waitpid(pid_, nullptr, WNOHANG) == pid_;
  return waited_for_;
}

void Child::stop() {
  if (!waited_for_) {
    ::kill(pid_, SIGTERM);
    wait();
  }
}

int Child::wait() {
  int status = 0;
  ::waitpid(pid_, &status, 0);
  waited_for_ = true;
  return status;
}

}  // namespace bindtrace::bench
