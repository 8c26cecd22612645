// SPDX-License-Identifier: Apache-2.0
#include "report/report.h"

#include <gtest/gtest.h>

#include "golden.h"
#include "report/html.h"
#include "report/text.h"

namespace bindtrace {
namespace {

constexpr std::int64_t kStart = 1'795'346'400'000'000'000;  // 2026-11-22 11:20:00 UTC
constexpr std::int64_t kSecond = 1'000'000'000;

Moment moment(MomentKind kind, std::int64_t after_s, const std::string& story = "a") {
  Moment moment;
  moment.kind = kind;
  moment.unix_ns = kStart + after_s * kSecond;
  moment.host = "web1";
  moment.address = "tcp 0.0.0.0:80";
  moment.netns = 4026531840;
  moment.story = story;
  moment.failures = 1;
  moment.victim = {"nginx.service", "nginx[1234]"};
  moment.holder = Party{"/usr/bin/old <b>", "old[811]"};
  moment.cause = "other_program";
  moment.certainty = "certain";
  moment.message = "nginx.service could not bind tcp 0.0.0.0:80";
  return moment;
}

Moment summary(std::int64_t after_s, std::uint64_t failures) {
  Moment summed = moment(MomentKind::kSummary, after_s);
  summed.failures = failures;
  return summed;
}

Moment released(std::int64_t after_s) {
  Moment freed = moment(MomentKind::kReleased, after_s);
  freed.released_after_ms = after_s * 1000;
  freed.message = "tcp 0.0.0.0:80 free: old[811] exited";
  return freed;
}

// A service that is restarted for a minute against a held port.
Recording flaky_restart() {
  Recording recording;
  recording.moments = {moment(MomentKind::kStarted, -10),
                       moment(MomentKind::kFailure, 0),
                       summary(10, 40),
                       summary(60, 200),
                       released(61),
                       moment(MomentKind::kBound, 62),
                       moment(MomentKind::kStopped, 100)};
  recording.moments[1].held_since_ns = kStart - 3600 * kSecond;
  recording.moments[5].victim.label = "nginx[1433]";
  recording.moments[5].message = "nginx[1433] bound tcp 0.0.0.0:80 on attempt 201";
  return recording;
}

TEST(Report, PutsTheRecordsOfAStoryTogether) {
  const Report report = report_of(flaky_restart());
  ASSERT_EQ(report.stories.size(), 1U);
  const Story& story = report.stories[0];
  EXPECT_EQ(story.failures, 200U);
  EXPECT_EQ(report.failures, 200U);
  ASSERT_EQ(story.tries.size(), 3U);
  EXPECT_EQ(story.tries[1].failures, 39U) << "since the first";
  EXPECT_EQ(story.tries[2].failures, 160U);
  EXPECT_EQ(story.released_after_ms, 61'000);
  EXPECT_EQ(story.bound_label, "nginx[1433]");
  EXPECT_TRUE(gaps(report).empty());
}

TEST(Report, KeepsStoriesOfTwoHostsApart) {
  Recording recording;
  recording.moments = {moment(MomentKind::kFailure, 0), moment(MomentKind::kFailure, 1)};
  recording.moments[1].host = "web2";
  EXPECT_EQ(report_of(recording).stories.size(), 2U);
}

TEST(Report, RanksByFailures) {
  Recording recording = flaky_restart();
  recording.moments.push_back(moment(MomentKind::kFailure, 90, "b"));
  recording.moments.back().victim.name = "other.service";
  const Ranking ranked = ranking(report_of(recording).stories, victim_name);
  EXPECT_EQ(ranked, (Ranking{{"nginx.service", 200}, {"other.service", 1}}));
}

TEST(Report, SaysWhatItCannotKnow) {
  Recording recording;
  recording.moments = {moment(MomentKind::kStarted, 0), moment(MomentKind::kStopped, 10),
                       moment(MomentKind::kStarted, 100), moment(MomentKind::kLost, 101)};
  recording.moments[3].lost = 3;
  recording.moments[3].suppressed = 1;
  recording.unreadable = 2;
  recording.torn = true;
  const std::vector<std::string> sentences = gaps(report_of(recording));
  ASSERT_EQ(sentences.size(), 6U);
  EXPECT_TRUE(sentences[0].starts_with("bindtrace was not running from 2026-11-22 ")) << sentences[0];
  EXPECT_EQ(sentences[1], "1 run of bindtrace did not say that it ended: it was killed, or goes on");
  EXPECT_EQ(sentences[2], "3 failures lost before they could be recorded");
  EXPECT_EQ(sentences[3], "1 failure suppressed: their users had too many");
  EXPECT_EQ(sentences[4], "2 lines could not be read");
  EXPECT_EQ(sentences[5], "the last line was not whole");
}

TEST(Report, HasTheMiddleAndTheLongestTimeToFree) {
  std::vector<Story> stories(4);
  stories[0].released_after_ms = 5000;
  stories[1].released_after_ms = 100;
  stories[2].released_after_ms = 200;
  const auto times = times_to_free(stories);
  ASSERT_TRUE(times);
  EXPECT_EQ(times->count, 3U);
  EXPECT_EQ(times->median_ms, 200);
  EXPECT_EQ(times->longest_ms, 5000);
  EXPECT_FALSE(times_to_free({}));
}

TEST(ReportText, OfAFlakyRestart) {
  expect_golden("report.txt", render_report(report_of(flaky_restart())));
}

TEST(ReportText, OfNothingSaysSo) {
  EXPECT_EQ(render_report(report_of({})), "no records\n");
}

TEST(ReportPage, OfAFlakyRestart) {
  expect_golden("report.html", render_html(report_of(flaky_restart())));
}

TEST(ReportPage, ShowsNamesAsTextOnly) {
  const std::string page = render_html(report_of(flaky_restart()));
  EXPECT_EQ(page.find("<b>"), std::string::npos);
  EXPECT_NE(page.find("/usr/bin/old &lt;b&gt;"), std::string::npos);
  EXPECT_EQ(page.find("http"), std::string::npos) << "it needs no network";
  EXPECT_EQ(page.find("<script"), std::string::npos);
}

}  // namespace
}  // namespace bindtrace
