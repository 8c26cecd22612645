// SPDX-License-Identifier: Apache-2.0
// What the event loop waits for: records, or the end: a signal, the end of the time given or of a command, a reader
// that has gone.
#pragma once

#include <chrono>
#include <optional>

#include "app/command.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace bindtrace {

class Waiter {
 public:
  using Clock = std::chrono::steady_clock;

  enum class Hangup { kEnds, kReopens };  // what SIGHUP means

  // SIGINT, SIGTERM and SIGHUP (unless it is ignored, see nohup(1)) are blocked from here on and mean the end, SIGHUP
  // by choice something else; SIGPIPE is ignored. output_fd is not owned.
  static Result<Waiter> create(int output_fd, Hangup hangup);

  // The end is that of the command, which gets the signals; SIGPIPE is ignored. `command` must outlive it.
  static Result<Waiter> create_for(const Command& command, int output_fd);

  // The end comes at the latest after this time; replaces an earlier one.
  void end_after(std::chrono::milliseconds length);
  // The end has come. Cheap: ask between any two pieces of work.
  [[nodiscard]] bool ended() const;
  // Readable when the end has come: what breaks off a blocked write.
  [[nodiscard]] int end_fd() const { return end_.get(); }

  // Returns when one of both is readable, SIGHUP or the end has come or `until` has passed. Error::os_error is EPIPE
  // when output_fd has lost its reader.
  Result<void> wait(int records_fd, int follow_up_fd, std::optional<Clock::time_point> until);

  // SIGHUP has come, since it was asked last; of Hangup::kReopens.
  [[nodiscard]] bool take_hangup();

  // Once the end has come: takes it back for this long, in which what is left can still be written. Another signal
  // ends it at once.
  void start_grace_period(std::chrono::milliseconds length);

 private:
  Waiter(int output_fd, UniqueFd signals, int command_fd, UniqueFd timer, UniqueFd end);
  static Result<Waiter> create_with(int output_fd, UniqueFd signals, int command_fd);

  int output_fd_;
  UniqueFd signals_;  // or
  int command_fd_;    // -1: none
  UniqueFd hangup_;   // where SIGHUP does not mean the end
  UniqueFd timer_;
  UniqueFd end_;  // an epoll of these
};

}  // namespace bindtrace
