// SPDX-License-Identifier: Apache-2.0
#include "core/episode.h"

#include <gtest/gtest.h>

#include "incidents.h"

namespace bindtrace {
namespace {

constexpr std::uint64_t kHour = 3600 * kSecond;

// nginx_restart(), so long after it and by another process of the unit.
Incident again(std::uint64_t after_ns, std::uint32_t pid = 1300) {
  Incident incident = nginx_restart();
  incident.failure.head.key.ktime_ns += after_ns;
  incident.victim.pid = pid;
  incident.victim.start_boottime_ns += after_ns;
  return incident;
}

TEST(Episodes, TheFirstFailureIsNewsAndItsRepeatsAreNot) {
  Episodes episodes({});
  const EpisodePlace first = episodes.add(nginx_restart());
  EXPECT_TRUE(first.is_news);
  EXPECT_EQ(first.attempt, 1U);
  const EpisodePlace second = episodes.add(again(kSecond));
  EXPECT_FALSE(second.is_news);
  EXPECT_EQ(second.attempt, 2U);
  EXPECT_EQ(second.first, nginx_restart().failure.head.key);
}

TEST(Episodes, AnotherAddressHolderVictimOrOperationIsAnotherStory) {
  Episodes episodes({});
  episodes.add(nginx_restart());
  Incident other = again(kSecond);
  other.failure.request.endpoint.port = 81;
  EXPECT_TRUE(episodes.add(other).is_news);
  other = again(kSecond);
  other.holders[0].process->pid = 900;
  EXPECT_TRUE(episodes.add(other).is_news);
  other = again(kSecond);
  other.victim.place.unit = "apache2.service";
  EXPECT_TRUE(episodes.add(other).is_news);
  other = again(kSecond);
  other.failure.request.operation = Operation::kListen;
  EXPECT_TRUE(episodes.add(other).is_news);
  other = again(kSecond);
  other.failure.request.netns++;
  EXPECT_TRUE(episodes.add(other).is_news);
}

TEST(Episodes, ATestOfTheConfigurationDoesNotStandForTheStartThatFailsThen) {
  Episodes episodes({});
  Incident test = nginx_restart();
  test.diagnosis.cause = Cause::kConfigTest;
  EXPECT_TRUE(episodes.add(test).is_news);
  EXPECT_TRUE(episodes.add(again(kSecond)).is_news);
  test.failure.head.key.ktime_ns += 2 * kSecond;
  EXPECT_FALSE(episodes.add(test).is_news) << "nor is each test told";
}

TEST(Episodes, OfProgramsWithoutAServiceGoByExecutableAndScript) {
  Episodes episodes({});
  Incident first = bare_incident();
  first.victim = python(1, {"python3", "a.py"});
  Incident second = bare_incident();
  second.victim = python(2, {"python3", "a.py"});
  Incident third = bare_incident();
  third.victim = python(3, {"python3", "b.py"});
  EXPECT_TRUE(episodes.add(first).is_news);
  EXPECT_FALSE(episodes.add(second).is_news);
  EXPECT_TRUE(episodes.add(third).is_news);
  second.victim.program.path.reset();
  second.victim.program.script_identity = "a.py";
  EXPECT_FALSE(episodes.add(second).is_news) << "of one that has ended no path is known";
}

TEST(Episodes, AreSummedUpAfterTenSecondsAMinuteTenMinutesAndThenEachHour) {
  Episodes episodes({});
  episodes.add(nginx_restart());
  EXPECT_FALSE(episodes.next_due_ns());
  std::vector<std::uint64_t> told;
  for (std::uint64_t after = kSecond; after <= 3 * kHour; after += kSecond) {
    episodes.add(again(after));
    for (const EpisodeSummary& summary : episodes.take_due(kFailureTime + after)) {
      told.push_back(after / kSecond);
      EXPECT_EQ(summary.attempt, after / kSecond + 1);
    }
  }
  EXPECT_EQ(told, (std::vector<std::uint64_t>{10, 60, 600, 4200, 7800}));
}

TEST(Episodes, SumUpWhatWasNotToldAndNothingTwice) {
  Episodes episodes({});
  episodes.add(nginx_restart());
  episodes.add(again(kSecond));
  episodes.add(again(2 * kSecond, 1302));
  EXPECT_EQ(episodes.next_due_ns(), kFailureTime + 10 * kSecond);
  EXPECT_TRUE(episodes.take_due(kFailureTime + 9 * kSecond).empty());
  const auto due = episodes.take_due(kFailureTime + 10 * kSecond);
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].repeats, 2U);
  EXPECT_EQ(due[0].attempt, 3U);
  EXPECT_EQ(due[0].latest.victim.pid, 1302U);
  EXPECT_EQ(due[0].since_ns, kFailureTime);
  EXPECT_TRUE(episodes.take_all(kFailureTime + kHour).empty());
}

TEST(Episodes, OfAnAddressAreToldBeforeWhatBecameOfIt) {
  Episodes episodes({});
  episodes.add(nginx_restart());
  episodes.add(again(kSecond));
  const Request request = nginx_restart().failure.request;
  EXPECT_TRUE(episodes.take_of({Transport::kTcp, ipv4(0, 0, 0, 0), 81}, request.netns, kFailureTime).empty());
  EXPECT_TRUE(episodes.take_of(request.endpoint, request.netns + 1, kFailureTime).empty());
  EXPECT_EQ(episodes.take_of(request.endpoint, request.netns, kFailureTime + 2 * kSecond).size(), 1U);
}

TEST(Episodes, AfterALongQuietTimeItIsAnotherStory) {
  Episodes episodes({.quiet_ns = kHour});
  episodes.add(nginx_restart());
  episodes.add(again(kSecond));
  const EpisodePlace next = episodes.add(again(2 * kHour));
  EXPECT_TRUE(next.is_news);
  EXPECT_EQ(next.attempt, 1U);
  EXPECT_EQ(episodes.take_due(kFailureTime + 2 * kHour).size(), 1U) << "the repeat of the first";
}

TEST(Episodes, BeyondTheirNumberTheQuietestEndsAndIsCounted) {
  Episodes episodes({.stories = 2});
  episodes.add(nginx_restart());
  episodes.add(again(kSecond));
  for (std::uint16_t port = 81; port < 83; port++) {
    Incident other = again(2 * kSecond);
    other.failure.request.endpoint.port = port;
    episodes.add(other);
  }
  EXPECT_EQ(episodes.evicted(), 1U);
  EXPECT_EQ(episodes.next_due_ns(), 0U);
  const auto due = episodes.take_due(kFailureTime + 3 * kSecond);
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].repeats, 1U);
  EXPECT_TRUE(episodes.add(again(4 * kSecond)).is_news);
}

}  // namespace
}  // namespace bindtrace
