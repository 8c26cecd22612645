// SPDX-License-Identifier: Apache-2.0
#include "sink/metrics.h"

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "golden.h"
#include "incidents.h"
#include "sequels.h"
#include "sink/prometheus_text.h"

namespace bindtrace {
namespace {

Incident with_cause(Cause cause) {
  Incident incident = nginx_restart();
  incident.diagnosis.cause = cause;
  return incident;
}

Incident at_attempt(std::uint64_t attempt) {
  Incident incident = with_cause(Cause::kPreviousInstance);
  incident.episode = EpisodePlace{incident.failure.head.key, attempt, attempt == 1};
  return incident;
}

AgentStopped account() {
  AgentStopped account;
  account.tier = "fexit";
  account.host = test_host();
  account.missed = 0;
  return account;
}

void expect_line(const Metrics& metrics, const std::string& line, const AgentStopped& with = account()) {
  const std::string text = metrics.text(with);
  EXPECT_NE(("\n" + text).find("\n" + line + "\n"), std::string::npos) << line << " is not in\n" << text;
}

bool mentions(const Metrics& metrics, const std::string& name, const AgentStopped& with = account()) {
  return metrics.text(with).find(name) != std::string::npos;
}

TEST(Metrics, AreWrittenAsPrometheusReadsThem) {
  Metrics metrics;
  metrics.count(with_cause(Cause::kPreviousInstance));
  metrics.count(with_cause(Cause::kPreviousInstance));
  metrics.note(at_attempt(1));
  AgentStopped with = account();
  with.stats = {.attempted = 14, .emitted = 2, .suppressed = 3, .lost_ring = 4, .lost_map = 5, .lost_output = 0};
  with.missed = 7;
  with.follow_up.open = 1;
  with.exports = {{"file", 20, 1, 3}, {"metrics", 19, 0, 0}};
  expect_golden("metrics.prom", metrics.text(with));
}

TEST(Metrics, EachFailureIsCountedByOperationTransportAndCause) {
  Metrics metrics;
  Incident listening = with_cause(Cause::kUnknown);
  listening.failure.request.operation = Operation::kListen;
  metrics.count(listening);
  Incident vsock = with_cause(Cause::kOtherProgram);
  vsock.failure.request.endpoint.transport = Transport::kVsock;
  metrics.count(vsock);
  metrics.count(vsock);
  expect_line(metrics, R"(bindtrace_bind_failures_total{operation="listen",transport="tcp",cause="unknown"} 1)");
  expect_line(metrics, R"(bindtrace_bind_failures_total{operation="bind",transport="vsock",cause="other_program"} 2)");
}

TEST(Metrics, TheUsualCountersAreThereFromTheStart) {
  const Metrics metrics;
  expect_line(metrics, R"(bindtrace_bind_failures_total{operation="bind",transport="tcp",cause="config_test"} 0)");
  expect_line(metrics, R"(bindtrace_bind_failures_total{operation="bind",transport="unix",cause="unknown"} 0)");
  expect_line(metrics, R"(bindtrace_conflict_episodes_total{cause="unknown"} 0)");
  expect_line(metrics, R"(bindtrace_holder_lookups_total{status="skipped"} 0)");
  expect_line(metrics, R"(bindtrace_events_lost_total{reason="output"} 0)");
  expect_line(metrics, "bindtrace_observed_seconds_count 0");
}

TEST(Metrics, AStoryIsOneHoweverOftenItIsTold) {
  Metrics metrics;
  metrics.note(at_attempt(1));
  metrics.note(at_attempt(9));
  metrics.note(released());
  metrics.note(bound());
  expect_line(metrics, R"(bindtrace_conflict_episodes_total{cause="previous_instance"} 1)");
}

TEST(Metrics, AFailureThatIsToldByItselfIsAStory) {
  Metrics metrics;
  metrics.note(with_cause(Cause::kTimeWait));
  metrics.note(with_cause(Cause::kTimeWait));
  expect_line(metrics, R"(bindtrace_conflict_episodes_total{cause="time_wait"} 2)");
}

TEST(Metrics, ADelayIsInEachBucketThatIsLargeEnough) {
  Metrics metrics;
  Incident incident = nginx_restart();
  incident.observed_boottime_ns = kFailureTime + 20'000'000;
  metrics.count(incident);
  incident.observed_boottime_ns = kFailureTime + 3 * kSecond;
  metrics.count(incident);
  expect_line(metrics, R"(bindtrace_observed_seconds_bucket{le="0.01"} 0)");
  expect_line(metrics, R"(bindtrace_observed_seconds_bucket{le="0.02"} 1)");
  expect_line(metrics, R"(bindtrace_observed_seconds_bucket{le="1"} 1)");
  expect_line(metrics, R"(bindtrace_observed_seconds_bucket{le="+Inf"} 2)");
  expect_line(metrics, "bindtrace_observed_seconds_sum 3.02");
}

TEST(Metrics, TheLastConflictIsTheLatestFailureThatIsTrouble) {
  Metrics metrics;
  EXPECT_FALSE(mentions(metrics, "last_conflict"));
  metrics.count(with_cause(Cause::kConfigTest));
  metrics.count(with_cause(Cause::kPortProbe));
  EXPECT_FALSE(mentions(metrics, "last_conflict"));
  metrics.count(with_cause(Cause::kOtherProgram));
  Incident earlier = with_cause(Cause::kOtherProgram);
  earlier.failure.head.key.ktime_ns -= kSecond;
  metrics.count(earlier);
  expect_line(metrics, "bindtrace_last_conflict_timestamp_seconds 1795346401.123");
}

TEST(Metrics, WhatCannotBeToldIsNotThere) {
  AgentStopped with = account();
  with.missed.reset();
  EXPECT_FALSE(mentions({}, "missed", with));
  EXPECT_FALSE(mentions({}, "export_events", with));
}

TEST(Metrics, TheFileDoesNotCountItself) {
  AgentStopped with = account();
  with.exports = {{"metrics", 5, 0, 0}};
  EXPECT_FALSE(mentions({}, "export_", with));
}

TEST(PrometheusText, EscapesWhatWouldEndALabel) {
  PrometheusText text;
  text.family("x", PrometheusText::Type::kGauge, "help.");
  text.sample({{"a", "b\"c\\d\ne"}}, std::uint64_t{1});
  EXPECT_EQ(text.text(), "# HELP x help.\n# TYPE x gauge\nx{a=\"b\\\"c\\\\d\\ne\"} 1\n");
}

}  // namespace
}  // namespace bindtrace
