// SPDX-License-Identifier: Apache-2.0
// --metrics-file: the metrics in a file, for the textfile collector of node_exporter.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/once_a_minute.h"
#include "base/result.h"
#include "sink/exporter.h"
#include "sink/metrics.h"

namespace bindtrace {

// Written at the start, at the end and where something has changed, at most once a second; each five seconds while
// another destination has records on their way; and each five minutes, so that the file's time tells whether bindtrace
// still runs. A write that fails is tried again: the counters are all there then.
class MetricsFile : public Exporter {
 public:
  using Now = std::function<Clock::time_point()>;

  // An Error says what is wrong with the path and what to do.
  static Result<std::unique_ptr<MetricsFile>> open(const std::string& path, Now now = Clock::now);

  void write(const Event& event) override;
  void count(const Incident& incident) override;
  [[nodiscard]] std::optional<Clock::time_point> next_work() const override { return due_; }
  void work(const Account& account) override;

  // `written` are those that the file counts, `lost` those that it does not because it could not be written.
  [[nodiscard]] ExportStats stats() const override;

 private:
  MetricsFile(std::string path, Now now) : path_(std::move(path)), now_(std::move(now)) {}

  void changed();
  void save(const AgentStopped& account);
  void complain(const Error& error, Clock::time_point now);

  std::string path_;
  Now now_;
  Metrics metrics_;
  std::uint64_t taken_ = 0;    // records
  std::uint64_t in_file_ = 0;  // of these
  bool failing_ = false;
  Clock::duration retry_ = std::chrono::seconds{1};
  Clock::time_point not_before_{};
  std::optional<Clock::time_point> due_;
  OnceAMinute complaint_;
};

}  // namespace bindtrace
