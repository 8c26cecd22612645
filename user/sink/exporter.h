// SPDX-License-Identifier: Apache-2.0
// A destination of records beside the output, which can neither hold up nor end what goes on: what it could not deliver
// it counts.
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "core/event.h"

namespace bindtrace {

class Exporter {
 public:
  using Clock = std::chrono::steady_clock;
  using Account = std::function<AgentStopped()>;  // as if it ended now

  Exporter() = default;
  Exporter(const Exporter&) = delete;
  Exporter& operator=(const Exporter&) = delete;
  virtual ~Exporter() = default;

  // A record that is told.
  virtual void write(const Event& event) = 0;
  // Each failure, also one that repeats a story and is not told by itself.
  virtual void count(const Incident& /*incident*/) {}

  // When work() is wanted next, as for another try; absent: not.
  [[nodiscard]] virtual std::optional<Clock::time_point> next_work() const { return std::nullopt; }
  virtual void work(const Account& /*account*/) {}

  // As SIGHUP asks for: what was opened by name is opened again.
  virtual void reopen() {}

  // Waits until what has been given is delivered or lost, for no longer than that.
  virtual void settle(Clock::time_point /*deadline*/) {}
  // No more comes; what is still on its way may take until then.
  virtual void finish(Clock::time_point /*deadline*/) {}

  [[nodiscard]] virtual ExportStats stats() const = 0;
};

}  // namespace bindtrace
