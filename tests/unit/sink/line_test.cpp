// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "core/diagnosis.h"
#include "golden.h"
#include "incidents.h"
#include "sink/render.h"

namespace bindtrace {
namespace {

TEST(Line, OfASummaryCountsAndNamesTheHolder) {
  EpisodeSummary summary;
  summary.latest = nginx_restart();
  summary.attempt = 38;
  summary.repeats = 37;
  summary.since_ns = kFailureTime;
  summary.ktime_ns = kFailureTime + 10 * kSecond;
  EXPECT_EQ(render_line(summary, false),
            "12:20:11.123  nginx.service could not bind tcp 0.0.0.0:80 another 37 times in 10 s, 38 in all: held by "
            "nginx[811] (nginx.service, LISTEN 0.0.0.0:80)\n");
}

TEST(Line, TellsTheWholeStory) {
  Incident incident = nginx_restart();
  incident.diagnosis = diagnose(incident);
  expect_golden("previous_instance.line", render_line(incident, false));
}

TEST(Line, IsOneLineWhateverTheNamesHold) {
  Incident incident = nginx_restart();
  incident.victim.comm = "a\nb\x1B[31m";
  incident.victim.place = {};
  incident.diagnosis = diagnose(incident);
  const std::string line = render_line(incident, false);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  EXPECT_EQ(line.find('\x1B'), std::string::npos);
}

TEST(Line, SaysForWhomTheHolderHasTheSocket) {
  Incident incident = held_by_socket_unit();
  incident.diagnosis = diagnose(incident);
  EXPECT_NE(
      render_line(incident, false).find("held by systemd[1] (for app.socket, LISTEN 0.0.0.0:80); systemd holds it"),
      std::string::npos)
      << render_line(incident, false);
}

TEST(Line, TellsOfLoss) {
  EXPECT_EQ(render_line(EventsLost{kFailureUnixNs, "fexit", nullptr, 5, 2}, false),
            "12:20:01.123  7 failures are not shown: 5 lost, the ring was full; 2 lost, no map entry was free\n");
  EXPECT_EQ(render_line(EventsLost{kFailureUnixNs, "fexit", nullptr, 0, 0, 1}, false),
            "12:20:01.123  1 failure is not shown: 1 suppressed, a user and cgroup may have 1,000 a second\n");
}

TEST(Tally, CountsWhatWasSeenAndWhatWasNot) {
  AgentStopped stopped;
  stopped.stats = {14, 9, 1, 2, 0, 2};
  EXPECT_EQ(render_tally(stopped), "14 failures: 9 seen, 1 suppressed, 4 lost (ring 2, map 0, output 2)");
  stopped.missed = 4;
  EXPECT_EQ(render_tally(stopped),
            "14 failures: 9 seen, 1 suppressed, 4 lost (ring 2, map 0, output 2); the kernel missed at most 4 more");
}

TEST(Tally, CountsWhatTheFiltersLeftOutWhereThereAreAny) {
  AgentStopped stopped;
  stopped.stats = {0, 0, 0, 0, 0, 0, 3};
  EXPECT_EQ(render_tally(stopped), "0 failures: 0 seen, 0 suppressed, 0 lost (ring 0, map 0, output 0)");
  stopped.filtering = true;
  EXPECT_EQ(render_tally(stopped), "0 failures: 0 seen, 0 suppressed, 0 lost (ring 0, map 0, output 0); 3 filtered");
}

}  // namespace
}  // namespace bindtrace
