// SPDX-License-Identifier: Apache-2.0
#include "app/tracing.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <limits>
#include <utility>

#include "app/choices.h"
#include "base/clock.h"
#include "base/earlier.h"
#include "base/version.h"
#include "core/decode.h"
#include "core/diagnosis.h"
#include "enrich/host_facts.h"

namespace bindtrace {
namespace {

constexpr std::size_t kRecordsALook = 1024;             // then they are shown: what floods must not grow a queue here
constexpr std::chrono::milliseconds kGracePeriod{400};  // at the end, for the failures; then again for the account

// A signal, or the end of the time given, broke off a write that blocked: no trouble.
bool is_trouble(const Result<void>& result) {
  return !result && result.error().os_error != ECANCELED;
}

}  // namespace

Tracing::Tracing(const Options& options, const Output& output, Exporters exporters, Waiter waiter, Probe probe)
    : options_(options),
      waiter_(std::move(waiter)),
      probe_(std::move(probe)),
      tier_(to_string(probe_.tier())),
      host_(std::make_shared<const HostFacts>(read_host_facts("/proc", "/etc", std::string(version())))),
      enricher_(enricher_options(options, probe_)),
      follower_(probe_, follower_options(options, probe_)),
      sink_(output.fd, output.render, waiter_.end_fd()),
      exporters_(std::move(exporters)) {
  if (options.duration) {
    waiter_.end_after(*options.duration);
  }
}

Result<void> Tracing::run() {
  auto done = start();
  if (!is_trouble(done)) {
    done = loop();
  }
  auto stopped = stop(done);
  return is_trouble(done) ? done : stopped;
}

Result<void> Tracing::start() {
  auto started = write(AgentStarted{.unix_ns = read_clocks().unix_ns, .tier = tier_, .host = host_});
  if (is_trouble(started)) {
    return started;
  }
  if (options_.command.empty()) {
    spdlog::info("ready: watching by tier {}, Ctrl-C ends", tier_);
  }
  service_manager_.ready("watching by tier " + tier_);
  if (options_.ready_fd && ::write(*options_.ready_fd, "\n", 1) != 1) {
    return fail_errno(errno, "write to --ready-fd " + std::to_string(*options_.ready_fd));
  }
  for (const auto& record : probe_.take_early()) {
    add(record);
  }
  return {};
}

// Works before it waits: the start has brought in records already.
Result<void> Tracing::loop() {
  while (true) {
    if (auto done = work(); is_trouble(done)) {
      return done;
    }
    if (limit_reached() || waiter_.ended()) {
      return {};
    }
    if (auto waited = waiter_.wait(probe_.ring().poll_fd(), follower_.fd(), next_deadline()); !waited) {
      return waited;
    }
  }
}

Result<void> Tracing::work() {
  drain();
  auto done = show_ready();
  if (done) {
    done = follow_up();
  }
  service_manager_.give_sign();
  if (waiter_.take_hangup()) {
    exporters_.reopen();
  }
  exporters_.work([this] { return account_until_now(); });
  return done ? tell_loss() : done;
}

// The output comes last: it may be slow.
Result<void> Tracing::write(const Event& event) {
  exporters_.write(event);
  return sink_.write(event);
}

Tracing::Deadline Tracing::next_deadline() const {
  if (!ready_.empty()) {
    return Waiter::Clock::now();  // it came in while we followed up
  }
  std::optional<std::uint64_t> next_ns;
  for (const auto& due_ns : {assembler_.next_expiry_ns(), follower_.next_work_ns(), episodes_.next_due_ns()}) {
    next_ns = earlier(next_ns, due_ns);
  }
  Deadline next = earlier(pace_.next(), earlier(exporters_.next_work(), service_manager_.next_sign()));
  if (next_ns) {
    const std::uint64_t now_ns = read_clocks().boottime_ns;
    const auto due = Waiter::Clock::now() + std::chrono::nanoseconds(*next_ns > now_ns ? *next_ns - now_ns : 0);
    next = earlier(next, Deadline(due));
  }
  return next;
}

std::optional<std::uint64_t> Tracing::oldest_unshown_ns() const {
  auto oldest = assembler_.oldest_ns();
  if (!ready_.empty()) {
    const std::uint64_t ready = ready_.front().head.key.ktime_ns;
    oldest = oldest ? std::min(*oldest, ready) : ready;
  }
  return oldest;
}

// Takes in what is there; at the end that is all, whole or not.
void Tracing::drain(bool all) {
  const std::size_t most = all ? std::numeric_limits<std::size_t>::max() : kRecordsALook;
  const auto taken = probe_.ring().consume([this](std::span<const std::byte> bytes) { add(bytes); }, most);
  if (!taken) {
    spdlog::error("{}", taken.error().message);
  }
  const std::size_t count = taken.value_or(0);
  pace_.looked(Pace::Clock::now(), count > 0, count == most);
  assembler_.expire(all ? std::numeric_limits<std::uint64_t>::max() : read_clocks().boottime_ns);
  for (Failure& failure : assembler_.take_ready()) {
    queue(std::move(failure));
  }
}

void Tracing::queue(Failure failure) {
  if (is_foreign_self_check(failure, own_executable_)) {
    account_.add(Fate::kForeign);
  } else {
    ready_.push_back(std::move(failure));
  }
}

void Tracing::add(std::span<const std::byte> bytes) {
  auto record = decode(bytes);
  if (!record) {
    spdlog::error("a record of the kernel side makes no sense: {}", record.error().message);
    return;
  }
  if (auto* failure = std::get_if<Failure>(&*record); failure != nullptr && failure->self_check) {
    own_executable_ = std::move(failure->victim.executable_name);
    return;
  }
  if (auto* sighting = std::get_if<Sighting>(&*record)) {
    follower_.add(std::move(*sighting));
    return;
  }
  assembler_.add(std::move(*record));
}

// Until the end comes or the output fails. Each failure that leaves the queue is in the account.
Result<void> Tracing::show_ready() {
  auto done = finish_line();
  while (done && !ready_.empty() && !waiter_.ended()) {
    Failure failure = std::move(ready_.front());
    ready_.pop_front();
    if (limit_reached()) {
      account_.add(Fate::kSuppressed);
    } else {
      done = show(std::move(failure));
    }
  }
  return done;
}

Result<void> Tracing::show(Failure failure) {
  Incident incident = enricher_.enrich(std::move(failure));
  incident.diagnosis = diagnose(incident);
  incident.tier = tier_;
  incident.host = host_;
  exporters_.count(incident);
  if (!options_.all_repeats) {
    incident.episode = episodes_.add(incident);
    if (!incident.episode->is_news) {
      follower_.add(incident);
      account_.add(Fate::kEmitted);
      return {};
    }
  }
  shown_++;
  const Event event = std::move(incident);
  auto written = write(event);
  follower_.add(std::get<Incident>(event));
  account_.add(written ? Fate::kEmitted : sink_.unfinished() ? Fate::kBegun : Fate::kLostOutput);
  return written;
}

// What came in while we wrote is taken in first: it may be older than what is found out now.
Result<void> Tracing::follow_up() {
  drain();
  for (const Event& event : follower_.work(oldest_unshown_ns())) {
    if (auto done = write_sequel(event); !done) {
      return done;
    }
  }
  return write_summaries(episodes_.take_due(read_clocks().boottime_ns));
}

Result<void> Tracing::write_summaries(const std::vector<EpisodeSummary>& summaries) {
  for (const EpisodeSummary& summary : summaries) {
    if (auto done = write(summary); !done) {
      return done;
    }
  }
  return {};
}

// Of an address: how often it was tried in vain until then comes first.
Result<void> Tracing::write_sequel(const Event& event) {
  const auto sequel_of = [](const auto& one) -> const Sequel* {
    if constexpr (requires { one.sequel; }) {
      return &one.sequel;
    } else {
      return nullptr;
    }
  };
  if (const Sequel* sequel = std::visit(sequel_of, event)) {
    const auto untold = episodes_.take_of(sequel->endpoint, sequel->netns, sequel->ktime_ns);
    if (auto done = write_summaries(untold); !done) {
      return done;
    }
  }
  return write(event);
}

Result<void> Tracing::finish_line() {
  auto done = sink_.finish();
  if (done) {
    account_.line_finished();
  }
  return done;
}

Result<void> Tracing::tell_loss(bool at_once) {
  auto lost = account_.new_loss(probe_.counters(), Account::Clock::now(), at_once);
  if (!lost) {
    return {};
  }
  lost->unix_ns = read_clocks().unix_ns;
  lost->tier = tier_;
  lost->host = host_;
  return write(*std::move(lost));
}

AgentStopped Tracing::account_until_now() const {
  return {.unix_ns = read_clocks().unix_ns,
          .tier = tier_,
          .host = host_,
          .stats = account_.stats(probe_.counters()),
          .missed = probe_.missed(),
          .filtering = !options_.filter.empty() && options_.command.empty(),
          .follow_up = follower_.stats(),
          .episodes_evicted = episodes_.evicted(),
          .exports = exporters_.stats()};
}

// The programs go first, so that the counters are final and what is in the ring is all there is.
Result<void> Tracing::stop(const Result<void>& so_far) {
  service_manager_.stopping();
  waiter_.start_grace_period(kGracePeriod);
  probe_.stop();
  drain(/*all=*/true);
  auto shown = is_trouble(so_far) ? so_far : show_ready();
  account_.add(limit_reached() ? Fate::kSuppressed : Fate::kLostOutput, ready_.size());
  if (!is_trouble(shown)) {
    shown = follow_up();
  }
  if (!is_trouble(shown)) {
    shown = write_summaries(episodes_.take_all(read_clocks().boottime_ns));
  }
  auto told = is_trouble(shown) ? shown : tell_loss(/*at_once=*/true);
  waiter_.start_grace_period(kGracePeriod);
  (void)finish_line();
  account_.line_abandoned();
  exporters_.settle(Exporter::Clock::now() + kGracePeriod);
  stopped_ = account_until_now();
  auto closed = write(stopped_);
  exporters_.finish(Exporter::Clock::now() + kGracePeriod);
  for (auto* result : {&shown, &told, &closed}) {
    if (is_trouble(*result)) {
      return std::move(*result);
    }
  }
  return {};
}

}  // namespace bindtrace
