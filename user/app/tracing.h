// SPDX-License-Identifier: Apache-2.0
// The one event loop: from the ring to the output until a signal, a limit, a command or the reader ends it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/account.h"
#include "app/exporters.h"
#include "app/follower.h"
#include "app/pace.h"
#include "app/service_manager.h"
#include "app/waiter.h"
#include "base/result.h"
#include "cli/options.h"
#include "core/assembler.h"
#include "core/episode.h"
#include "core/event.h"
#include "core/failure.h"
#include "enrich/enricher.h"
#include "probe/probe.h"
#include "sink/fd_sink.h"

namespace bindtrace {

class Tracing {
 public:
  // Where the records go, and in which form; the descriptor is not owned.
  struct Output {
    int fd;
    FdSink::Render render;
  };

  // `options` must outlive it.
  Tracing(const Options& options, const Output& output, Exporters exporters, Waiter waiter, Probe probe);

  // The account is given on every way out, also when the output has failed.
  Result<void> run();
  // Of a run that is over.
  [[nodiscard]] const AgentStopped& account() const { return stopped_; }

 private:
  using Deadline = std::optional<Waiter::Clock::time_point>;

  Result<void> start();
  Result<void> loop();
  Result<void> work();
  Result<void> write(const Event& event);
  void drain(bool all = false);
  void queue(Failure failure);
  void add(std::span<const std::byte> bytes);
  Result<void> show_ready();
  Result<void> show(Failure failure);
  Result<void> finish_line();
  Result<void> follow_up();
  Result<void> write_summaries(const std::vector<EpisodeSummary>& summaries);
  Result<void> write_sequel(const Event& event);
  Result<void> tell_loss(bool at_once = false);
  Result<void> stop(const Result<void>& so_far);
  [[nodiscard]] AgentStopped account_until_now() const;
  [[nodiscard]] Deadline next_deadline() const;
  [[nodiscard]] std::optional<std::uint64_t> oldest_unshown_ns() const;
  [[nodiscard]] bool limit_reached() const { return options_.max_events && shown_ >= *options_.max_events; }

  const Options& options_;
  Waiter waiter_;
  Probe probe_;
  std::string tier_;
  std::shared_ptr<const HostFacts> host_;
  Enricher enricher_;
  Follower follower_;
  Episodes episodes_{{}};
  FdSink sink_;
  Exporters exporters_;
  ServiceManager service_manager_;
  Pace pace_;
  Assembler assembler_;
  Name own_executable_;  // as the kernel saw it in our self-check
  std::deque<Failure> ready_;
  Account account_;
  AgentStopped stopped_;
  std::uint64_t shown_ = 0;  // to the sink, whether it took them or not
};

}  // namespace bindtrace
