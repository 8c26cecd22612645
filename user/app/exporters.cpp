// SPDX-License-Identifier: Apache-2.0
#include "app/exporters.h"

#include <algorithm>
#include <utility>

namespace bindtrace {

Result<Exporters> Exporters::open(const Options& /*options*/) {
  return Exporters();
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
    const auto due = exporter->next_work();
    next = due && next ? std::min(due, next) : due ? due : next;
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
