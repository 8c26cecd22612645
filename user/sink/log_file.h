// SPDX-License-Identifier: Apache-2.0
// A log file as a sink of spdlog: whole lines, its own rotation, opened again when it has been moved away, and a disk
// that is full costs lines, which are counted, and nothing else.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>

#include "base/once_a_minute.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace bindtrace {

class LogFile final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  struct Options {
    std::string path;
    std::uint64_t max_bytes;  // then it becomes PATH.1, that PATH.2 and so on; 0: never
    std::uint64_t keep;       // such older files
  };

  // What is refused: see open_record_file().
  static Result<std::shared_ptr<LogFile>> open(Options options);

  // By its name again; where that fails it stays with what it has.
  void reopen();

  [[nodiscard]] std::uint64_t written() const { return written_; }
  [[nodiscard]] std::uint64_t lost() const { return lost_; }

 private:
  LogFile(Options options, UniqueFd file);

  void sink_it_(const spdlog::details::log_msg& message) override;
  void flush_() override {}

  Result<void> append(std::string_view line);
  Result<void> write_whole(std::string_view line, std::uint64_t size);
  void rotate();
  Result<void> take_back();
  [[nodiscard]] std::string older(std::uint64_t number) const;
  [[nodiscard]] bool is_moved() const;
  void complain(const Error& error);

  Options options_;
  UniqueFd file_;
  std::optional<std::uint64_t> whole_until_;  // a part of a line follows
  std::uint64_t written_ = 0;
  std::uint64_t lost_ = 0;
  OnceAMinute complaint_;
};

}  // namespace bindtrace
