// SPDX-License-Identifier: Apache-2.0
// --metrics-file: the metrics in a file, for the textfile collector of node_exporter.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/once_a_minute.h"
#include "base/result.h"
#include "sink/exporter.h"
#include "sink/metrics.h"
#include "sink/replace_file.h"
#include "sink/worker.h"

namespace bindtrace {

// Written at the start, at the end and where something has changed, at most once a second; each five seconds while
// another destination has records on their way; and each five minutes, so that the file's time tells whether bindtrace
// still runs. A write that fails is tried again: the counters are all there then. A thread of its own writes, so that a
// disk that hangs holds up nobody.
class MetricsFile : public Exporter {
 public:
  using Now = std::function<Clock::time_point()>;
  using Replace = std::function<Result<void>(const std::string& path, std::string_view text)>;

  // An Error says what is wrong with the path and what to do.
  static Result<std::unique_ptr<MetricsFile>> open(const std::string& path, Now now = Clock::now,
                                                   Replace replace = replace_file);

  void write(const Event& event) override;
  void count(const Incident& incident) override;
  [[nodiscard]] std::optional<Clock::time_point> next_work() const override;
  void work(const Account& account) override;
  void settle(Clock::time_point deadline) override;
  void finish(Clock::time_point deadline) override;

  // `written` are those that the file counts, `lost` those that it does not because it could not be written.
  [[nodiscard]] ExportStats stats() const override;

 private:
  // A write that has been begun.
  struct Saving {
    std::future<Result<void>> done;
    Clock::time_point looked;  // when it was begun, or last looked at
    std::uint64_t taken;
    bool others_queue;  // records, so that the account changes by itself
  };

  MetricsFile(std::string path, Now now, Replace replace)
      : path_(std::move(path)), now_(std::move(now)), replace_(std::move(replace)) {}

  void save(const AgentStopped& account);
  void note_outcome();
  void complain(const Error& error, Clock::time_point now);

  std::string path_;
  Now now_;
  Replace replace_;
  Metrics metrics_;
  std::uint64_t taken_ = 0;    // records
  std::uint64_t in_file_ = 0;  // of these
  bool ended_ = false;
  bool failing_ = false;
  Clock::duration retry_ = std::chrono::seconds{1};
  bool has_news_ = false;
  Clock::time_point not_before_{};         // with news
  std::optional<Clock::time_point> beat_;  // without
  std::optional<Saving> saving_;
  OnceAMinute complaint_;
  Worker worker_;
};

}  // namespace bindtrace
