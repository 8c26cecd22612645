// SPDX-License-Identifier: Apache-2.0
// The real tracer as a child process: started, read from and stopped by a test.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "fd.h"
#include "record.h"

namespace bindtrace {

// How a tracer ended.
struct Ended {
  int status = -1;  // as a shell gives it
  std::string out;  // stdout, unless it was read as records
  std::string err;
  std::chrono::milliseconds took{};  // from the signal, if one was sent
};

// Something to do in the tracer's process before it becomes the tracer; ends the process if it fails.
using BeforeExec = std::function<void()>;

// Runs the tracer until it ends by itself.
Ended run_tracer(const std::vector<std::string>& arguments, const BeforeExec& before_exec = {});

class Tracer {
 public:
  // Of each failure but with kStories, where repeats are summed up.
  enum class Output { kRecords, kStories, kText };

  // Starts `bindtrace --attach=TIER OPTIONS…` and waits until it is attached.
  // Throws std::runtime_error with its messages if it is not.
  explicit Tracer(const std::string& tier, const std::vector<std::string>& options = {},
                  Output output = Output::kRecords, const BeforeExec& before_exec = {});
  Tracer(const Tracer&) = delete;
  Tracer& operator=(const Tracer&) = delete;
  ~Tracer();  // kills and reaps

  [[nodiscard]] pid_t pid() const { return pid_; }

  // Takes in what the tracer has written until now.
  void drain();
  // From now on takes this long for each line, as a slow pipeline does.
  void read_slowly(std::chrono::milliseconds per_line) { per_line_ = per_line; }
  // Reads for so long.
  void read_for(std::chrono::milliseconds time);
  // The first conflict record whose process is `victim`. Throws std::runtime_error at the time limit.
  Record conflict_of(pid_t victim);
  // The first record of that name whose endpoint has this address and port (null: none), once there is one. Throws as
  // conflict_of does.
  Record sequel(const std::string& name, const nlohmann::json& address, const nlohmann::json& port,
                double seconds = 10);
  // Waits until there are so many of them. Throws as conflict_of does.
  void wait_for_conflicts(pid_t victim, size_t count);
  // All of them that were written until now.
  [[nodiscard]] std::vector<Record> conflicts_of(pid_t victim) const;
  // All records until now.
  [[nodiscard]] const std::vector<Record>& records() const { return records_; }
  // The last of them; throws std::runtime_error if there are none.
  [[nodiscard]] const Record& last_record() const;
  // Drops them: a process of a later test may get the pid of one that they are about.
  void forget_records() { records_.clear(); }
  // Waits until stdout holds `piece`, of a tracer whose output is text. Throws std::runtime_error at the time
  // limit.
  const std::string& text_with(const std::string& piece);

  Ended stop(int signal);

 private:
  using Clock = std::chrono::steady_clock;

  // Waits for output until the deadline; false at the deadline or at the end of the output.
  bool read_more(Clock::time_point deadline);
  void read_err();
  void split_lines();
  void await_ready(Fd ready);

  Output output_;
  std::chrono::milliseconds per_line_{};
  pid_t pid_ = -1;
  Fd out_;
  Fd err_;
  bool ended_ = false;  // stdout met its end
  std::string text_;    // text output, or the start of a line that is not yet whole
  std::string messages_;
  std::vector<Record> records_;
};

// The numbers that close every run: attempted == emitted + suppressed + lost.
struct Accounts {
  int64_t attempted = 0;
  int64_t emitted = 0;
  int64_t suppressed = 0;
  int64_t lost = 0;  // the sum over all reasons
};
// Empty unless the record is bindtrace.agent.stopped with all of them as integers.
std::optional<Accounts> accounts_of(const Record& record);

}  // namespace bindtrace
