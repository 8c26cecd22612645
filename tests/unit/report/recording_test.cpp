// SPDX-License-Identifier: Apache-2.0
#include "report/recording.h"

#include <sstream>

#include <gtest/gtest.h>

#include "golden.h"

namespace bindtrace {
namespace {

// One line, as `bindtrace -j` writes it.
std::string line_of(const std::string& golden) {
  std::string text = read_golden(golden);
  std::erase(text, '\n');
  return text + "\n";
}

Recording recorded(const std::string& lines) {
  std::istringstream stream(lines);
  Recording recording;
  const auto added = add_lines(stream, "events.jsonl", recording);
  EXPECT_TRUE(added) << added.error().message;
  return recording;
}

TEST(Recording, HasOfAFailureWhoWantedWhatAndWhoHadIt) {
  const Recording recording = recorded(line_of("previous_instance.json"));
  ASSERT_EQ(recording.moments.size(), 1U);
  const Moment& moment = recording.moments[0];
  EXPECT_EQ(moment.kind, MomentKind::kFailure);
  EXPECT_EQ(moment.unix_ns, 1'795'346'401'123'456'789) << "11:20:01.123456789 UTC";
  EXPECT_EQ(moment.host, "web1");
  EXPECT_EQ(moment.address, "tcp 0.0.0.0:80");
  EXPECT_EQ(moment.victim.name, "nginx.service");
  EXPECT_EQ(moment.victim.label, "nginx[1234]");
  ASSERT_TRUE(moment.holder);
  EXPECT_EQ(moment.holder->name, "nginx.service");
  EXPECT_EQ(moment.holder->label, "nginx[811]");
  EXPECT_EQ(moment.cause, "previous_instance");
  EXPECT_EQ(moment.failures, 1U);
  EXPECT_EQ(moment.story, "12a617b588109abc") << "its own id, where it belongs to no episode";
}

TEST(Recording, HasOfAReleaseHowLongItTook) {
  const Recording recording = recorded(line_of("released.json") + line_of("bound.json"));
  ASSERT_EQ(recording.moments.size(), 2U);
  EXPECT_EQ(recording.moments[0].released_after_ms, 1918);
  EXPECT_EQ(recording.moments[0].story, "12a617b588109abc");
  EXPECT_EQ(recording.moments[1].victim.label, "nginx[1234]");
  EXPECT_EQ(recording.moments[1].failures, 5U);
}

TEST(Recording, LeavesOutATornLastLineAndSaysSo) {
  const std::string whole = line_of("previous_instance.json");
  const Recording recording = recorded(whole + whole.substr(0, 200));
  EXPECT_EQ(recording.moments.size(), 1U);
  EXPECT_TRUE(recording.torn);
  EXPECT_EQ(recording.unreadable, 0U);
}

TEST(Recording, CountsLinesThatAreNoRecords) {
  const Recording recording = recorded("{}\nnonsense\n{\"schema_version\":\"1.0\",\"timestamp\":\"yesterday\"}\n\n" +
                                       line_of("previous_instance.json"));
  EXPECT_EQ(recording.unreadable, 3U);
  EXPECT_EQ(recording.moments.size(), 1U);
  EXPECT_FALSE(recording.torn);
}

std::string with_version(std::string line, const std::string& version) {
  const std::string own = "\"schema_version\": \"1.0\"";
  const std::size_t at = line.find(own);
  EXPECT_NE(at, std::string::npos) << line.substr(0, 60);
  return line.replace(at, own.size(), "\"schema_version\": \"" + version + "\"");
}

TEST(Recording, ReadsANewerMinorVersionAndNoOtherMajorOne) {
  const std::string line = line_of("previous_instance.json");
  const Recording recording = recorded(with_version(line, "1.7") + with_version(line, "2.0"));
  EXPECT_EQ(recording.newer, 1U);
  EXPECT_EQ(recording.from_the_future, 1U);
  EXPECT_EQ(recording.moments.size(), 1U);
}

TEST(Recording, IsNotMadeOfOtherLines) {
  std::istringstream stream("Nov 27 12:00:00 web1 nginx: hello\n");
  Recording recording;
  const auto added = add_lines(stream, "syslog", recording);
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().message, "syslog is no recording: give a file that `bindtrace -j` has written");
}

}  // namespace
}  // namespace bindtrace
