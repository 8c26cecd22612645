// SPDX-License-Identifier: Apache-2.0
#include "app/exporters.h"

#include <utility>

#include "base/earlier.h"
#include "base/environment.h"
#include "sink/background.h"
#include "sink/file_exporter.h"
#include "sink/journal.h"
#include "sink/log_file.h"
#include "sink/metrics_file.h"
#include "sink/otlp.h"

namespace bindtrace {
namespace {

Result<std::unique_ptr<Exporter>> open_log_file(const LogFileOptions& asked) {
  auto file = LogFile::open({.path = asked.path, .max_bytes = asked.max_bytes, .keep = asked.keep});
  if (!file) {
    return tl::unexpected(with_context(file.error(), "--log-file"));
  }
  return std::make_unique<Background>(std::make_unique<FileExporter>(*std::move(file)));
}

Result<std::unique_ptr<Exporter>> open_journal_of_host() {
  auto journal = open_journal();
  if (!journal) {
    return tl::unexpected(with_context(journal.error(), "--journald"));
  }
  return std::make_unique<Background>(*std::move(journal));
}

}  // namespace

template <typename Opened>
Result<void> Exporters::add(Result<std::unique_ptr<Opened>> opened) {
  if (!opened) {
    return tl::unexpected(opened.error());
  }
  all_.push_back(*std::move(opened));
  return {};
}

Result<Exporters> Exporters::open(const Options& options) {
  Exporters exporters;
  Result<void> added;
  if (options.log_file) {
    added = exporters.add(open_log_file(*options.log_file));
  }
  if (added && options.journald) {
    added = exporters.add(open_journal_of_host());
  }
  if (added && options.otlp) {
    added = exporters.add(open_otlp(*options.otlp, environment_variable));
  }
  if (added && options.metrics_file) {
    added = exporters.add(MetricsFile::open(*options.metrics_file));
  }
  if (!added) {
    return tl::unexpected(added.error());
  }
  return exporters;
}

void Exporters::write(const Event& event) {
  for (const auto& exporter : all_) {
    exporter->write(event);
  }
}

void Exporters::count(const Incident& incident) {
  for (const auto& exporter : all_) {
    exporter->count(incident);
  }
}

std::optional<Exporter::Clock::time_point> Exporters::next_work() const {
  std::optional<Exporter::Clock::time_point> next;
  for (const auto& exporter : all_) {
    next = earlier(next, exporter->next_work());
  }
  return next;
}

void Exporters::work(const Exporter::Account& account) {
  const auto now = Exporter::Clock::now();
  for (const auto& exporter : all_) {
    if (const auto due = exporter->next_work(); due && *due <= now) {
      exporter->work(account);
    }
  }
}

void Exporters::reopen() {
  for (const auto& exporter : all_) {
    exporter->reopen();
  }
}

void Exporters::settle(Exporter::Clock::time_point deadline) {
  for (const auto& exporter : all_) {
    exporter->settle(deadline);
  }
}

void Exporters::finish(Exporter::Clock::time_point deadline) {
  for (const auto& exporter : all_) {
    exporter->finish(deadline);
  }
}

std::vector<ExportStats> Exporters::stats() const {
  std::vector<ExportStats> stats;
  for (const auto& exporter : all_) {
    stats.push_back(exporter->stats());
  }
  return stats;
}

}  // namespace bindtrace
