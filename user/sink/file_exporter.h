// SPDX-License-Identifier: Apache-2.0
// Records to a log file, as JSON Lines.
#pragma once

#include <memory>
#include <string>

#include <spdlog/logger.h>

#include "sink/exporter.h"
#include "sink/log_file.h"

namespace bindtrace {

class FileExporter final : public Exporter {
 public:
  explicit FileExporter(std::shared_ptr<LogFile> file);

  // After a loss the first record that can be written again is one of bindtrace.events.lost with their number.
  void write(const Event& event) override;
  void reopen() override { file_->reopen(); }
  [[nodiscard]] ExportStats stats() const override;

 private:
  bool append(const Event& event);

  std::shared_ptr<LogFile> file_;
  spdlog::logger log_;
  EventsLost loss_;  // not said yet
  std::uint64_t notes_written_ = 0;
  std::uint64_t notes_lost_ = 0;
};

}  // namespace bindtrace
