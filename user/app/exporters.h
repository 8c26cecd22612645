// SPDX-License-Identifier: Apache-2.0
// The destinations beside the output that the options ask for, as one.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "cli/options.h"
#include "sink/exporter.h"

namespace bindtrace {

class Exporters {
 public:
  // An Error names the option and the remedy.
  static Result<Exporters> open(const Options& options);

  void write(const Event& event);
  void count(const Incident& incident);
  [[nodiscard]] std::optional<Exporter::Clock::time_point> next_work() const;
  void work(const Exporter::Account& account);
  void reopen();
  void settle(Exporter::Clock::time_point deadline);
  void finish(Exporter::Clock::time_point deadline);
  [[nodiscard]] std::vector<ExportStats> stats() const;
  [[nodiscard]] bool empty() const { return all_.empty(); }

 private:
  template <typename Opened>
  Result<void> add(Result<std::unique_ptr<Opened>> opened);

  std::vector<std::unique_ptr<Exporter>> all_;
};

}  // namespace bindtrace
