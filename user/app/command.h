// SPDX-License-Identifier: Apache-2.0
// A command that we run for the user: it gets our signals, we get its exit status.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace bindtrace {

class Command {
 public:
  // Runs argv[0], found as by execvp(3), with our signal mask, dispositions and standard descriptors. From here on the
  // signals that usually end or address a program (INT, TERM, HUP, QUIT, USR1, USR2) are passed on to it, unless they
  // come from the terminal, which sends them to it as well; SIGCHLD is ours; and what its descendants leave behind are
  // our children (PR_SET_CHILD_SUBREAPER), which are reaped. Once in a process.
  // Error::os_error of execve(2) when it cannot be run.
  static Result<Command> start(const std::vector<std::string>& argv);

  // Readable once it has ended (pidfd_open(2)).
  [[nodiscard]] int fd() const { return pidfd_.get(); }
  // Waits until it has ended. Its exit status, or 128 and the number of the signal that ended it, as shells say it.
  [[nodiscard]] int wait() const;

 private:
  explicit Command(UniqueFd pidfd) : pidfd_(std::move(pidfd)) {}

  UniqueFd pidfd_;
};

// Of a command that cannot be run, as shells give it: 127 where it is not there, else 126.
int status_of_failed_start(const Error& error);

}  // namespace bindtrace
