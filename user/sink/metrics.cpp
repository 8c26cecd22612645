// SPDX-License-Identifier: Apache-2.0
#include "sink/metrics.h"

#include <algorithm>
#include <string_view>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "sink/prometheus_text.h"

namespace bindtrace {
namespace {

using Type = PrometheusText::Type;

constexpr double kNsPerSecond = 1e9;
constexpr std::uint64_t kNsPerMillisecond = 1'000'000;

// The values of an enumeration, of which `last` is the last.
template <typename Enum>
std::vector<Enum> all_until(Enum last) {
  std::vector<Enum> all;
  for (int value = 0; value <= static_cast<int>(last); value++) {
    all.push_back(static_cast<Enum>(value));
  }
  return all;
}

void add_account(PrometheusText& text, const AgentStopped& account) {
  const Stats& stats = account.stats;
  text.family("bindtrace_events_lost_total", Type::kCounter,
              "Failures that are missing: no room in the ring or in a map, or the output could not be written.");
  text.sample({{"reason", "ring"}}, stats.lost_ring);
  text.sample({{"reason", "map"}}, stats.lost_map);
  text.sample({{"reason", "output"}}, stats.lost_output);
  text.family("bindtrace_events_suppressed_total", Type::kCounter,
              "Failures that were not looked at: too many of one user and cgroup, or beyond --max-events.");
  text.sample({}, stats.suppressed);
  if (account.missed) {
    text.family("bindtrace_missed_calls_total", Type::kCounter,
                "Calls that the kernel did not show to bindtrace, whether they failed or not: at most so many.");
    text.sample({}, *account.missed);
  }
  text.family("bindtrace_conflicts_open", Type::kGauge,
              "Addresses that were refused and are held still, as far as seen.");
  text.sample({}, account.follow_up.open);
}

// Of the file that this text is for it would only tell what is known from its being there.
void add_exports(PrometheusText& text, const AgentStopped& account) {
  const auto is_other = [](const ExportStats& one) { return one.name != "metrics"; };
  if (std::none_of(account.exports.begin(), account.exports.end(), is_other)) {
    return;
  }
  text.family("bindtrace_export_events_total", Type::kCounter, "Records by destination and what became of them there.");
  for (const ExportStats& one : account.exports) {
    if (is_other(one)) {
      text.sample({{"sink", one.name}, {"result", "written"}}, one.written);
      text.sample({{"sink", one.name}, {"result", "lost"}}, one.lost);
    }
  }
  text.family("bindtrace_export_queue_events", Type::kGauge, "Records that are still on their way to a destination.");
  for (const ExportStats& one : account.exports) {
    if (is_other(one)) {
      text.sample({{"sink", one.name}}, one.queued);
    }
  }
}

void add_build(PrometheusText& text, const AgentStopped& account) {
  text.family("bindtrace_build_info", Type::kGauge, "1; the version, and the tier that it watches by.");
  text.sample({{"version", account.host ? account.host->service_version : ""}, {"tier", account.tier}},
              std::uint64_t{1});
}

}  // namespace

Metrics::Metrics() {
  for (const Cause cause : all_until(Cause::kUnknown)) {
    for (const Transport transport : {Transport::kTcp, Transport::kUdp, Transport::kUnix}) {
      failures_[{Operation::kBind, transport, cause}] = 0;
    }
    failures_[{Operation::kListen, Transport::kTcp, cause}] = 0;
    episodes_[cause] = 0;
  }
  for (const HolderStatus status : all_until(HolderStatus::kSkipped)) {
    lookups_[status] = 0;
  }
}

void Metrics::Delays::add(std::uint64_t delay_ns) {
  for (std::size_t i = 0; i < kBoundsMs.size(); i++) {
    up_to[i] += delay_ns <= kBoundsMs[i] * kNsPerMillisecond ? 1 : 0;
  }
  count++;
  sum_ns += delay_ns;
}

void Metrics::count(const Incident& incident) {
  const Request& request = incident.failure.request;
  const Cause cause = incident.diagnosis.cause;
  const std::uint64_t failed_ns = incident.failure.head.key.ktime_ns;
  failures_[{request.operation, request.endpoint.transport, cause}]++;
  lookups_[incident.holder_status]++;
  delays_.add(std::max(incident.observed_boottime_ns, failed_ns) - failed_ns);
  if (!is_benign(cause)) {
    last_conflict_unix_ns_ = std::max(last_conflict_unix_ns_.value_or(0), incident.clock.unix_ns(failed_ns));
  }
}

// With --all-repeats there are no stories: each failure is one.
void Metrics::note(const Event& event) {
  const auto* incident = std::get_if<Incident>(&event);
  if (incident != nullptr && (!incident->episode || incident->episode->attempt == 1)) {
    episodes_[incident->diagnosis.cause]++;
  }
}

std::string Metrics::text(const AgentStopped& account) const {
  PrometheusText text;
  text.family("bindtrace_bind_failures_total", Type::kCounter, "Calls of bind or listen that failed with EADDRINUSE.");
  for (const auto& [kind, count] : failures_) {
    const auto& [operation, transport, cause] = kind;
    text.sample({{"operation", to_string(operation)}, {"transport", to_string(transport)}, {"cause", to_string(cause)}},
                count);
  }
  text.family("bindtrace_conflict_episodes_total", Type::kCounter,
              "Stories: the failures of one victim at one address against one holder are one.");
  for (const auto& [cause, count] : episodes_) {
    text.sample({{"cause", to_string(cause)}}, count);
  }
  text.family("bindtrace_holder_lookups_total", Type::kCounter, "Failures by how the search for the holder ended.");
  for (const auto& [status, count] : lookups_) {
    text.sample({{"status", to_string(status)}}, count);
  }
  text.family("bindtrace_observed_seconds", Type::kHistogram, "From a failure to its finished record.");
  for (std::size_t i = 0; i < delays_.up_to.size(); i++) {
    text.sample({{"le", fmt::format("{}", static_cast<double>(Delays::kBoundsMs[i]) / 1e3)}}, delays_.up_to[i],
                "_bucket");
  }
  text.sample({{"le", "+Inf"}}, delays_.count, "_bucket");
  text.sample({}, static_cast<double>(delays_.sum_ns) / kNsPerSecond, "_sum");
  text.sample({}, delays_.count, "_count");
  if (last_conflict_unix_ns_) {
    text.family("bindtrace_last_conflict_timestamp_seconds", Type::kGauge,
                "When the last call failed that was neither a test of a configuration nor a search for a free port.");
    const std::int64_t unix_ms = *last_conflict_unix_ns_ / kNsPerMs;
    text.sample({}, static_cast<double>(unix_ms) / 1e3);
  }
  add_account(text, account);
  add_exports(text, account);
  add_build(text, account);
  return text.text();
}

}  // namespace bindtrace
