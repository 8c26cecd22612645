// SPDX-License-Identifier: Apache-2.0
// The two events that follow a conflict, in each form.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "golden.h"
#include "sequels.h"
#include "sink/render.h"

namespace bindtrace {
namespace {

using Json = nlohmann::ordered_json;

TEST(SequelLine, SaysWhoLetGoAndWhen) {
  EXPECT_EQ(render_line(released(), false), "12:20:03.041  tcp 0.0.0.0:80 free after 1.9 s: nginx[811] exited\n");
  EXPECT_EQ(render_text(released(), false), render_line(released(), false));
}

TEST(SequelLine, SaysWhoGotItAndOnWhichAttempt) {
  EXPECT_EQ(render_line(bound(), false),
            "12:20:03.041  nginx[1234] bound tcp 0.0.0.0:80 on attempt 5, 1.9 s after it was first refused\n");
}

TEST(SequelLine, HasWordsForEachWayToLetGo) {
  const auto words = [](LetGo how) {
    Released event = released();
    event.how = how;
    const std::string line = render_line(event, false);
    return line.substr(line.find("s: ") + 3);
  };
  EXPECT_EQ(words(LetGo::kClosed), "nginx[811] closed it\n");
  EXPECT_EQ(words(LetGo::kTimeWaitEnded), "TIME_WAIT ended\n");
  EXPECT_EQ(words(LetGo::kConnectionEnded), "the last connection on it ended\n");
  EXPECT_EQ(words(LetGo::kFileRemoved), "the file was removed\n");
  EXPECT_EQ(words(LetGo::kUnknown), "who let it go is not known\n");
}

TEST(SequelLine, IsOneLineWhateverTheNamesHold) {
  Released event = released();
  event.comm = "a\nb\x1B[31m";
  const std::string line = render_line(event, false);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  EXPECT_EQ(line.find('\x1B'), std::string::npos);
}

TEST(SequelJson, OfAReleaseIsComplete) {
  expect_golden("released.json", Json::parse(render_json(released())).dump(2) + "\n");
}

TEST(SequelJson, OfABindIsComplete) {
  expect_golden("bound.json", Json::parse(render_json(bound())).dump(2) + "\n");
}

TEST(SequelJson, NamesTheConflictThatItFollows) {
  const Json conflict = Json::parse(render_json(nginx_restart()));
  EXPECT_EQ(Json::parse(render_json(released()))["bindtrace"]["episode"]["id"], conflict["event"]["id"]);
  EXPECT_EQ(Json::parse(render_json(bound()))["bindtrace"]["episode"]["id"], conflict["event"]["id"]);
}

TEST(SequelJson, HasNullForWhatIsNotKnown) {
  Released event = released();
  event.how = LetGo::kUnknown;
  event.pid.reset();
  event.comm.clear();
  const Json by = Json::parse(render_json(event))["bindtrace"]["released_by"];
  EXPECT_TRUE(by["pid"].is_null() && by["comm"].is_null() && by["how"].is_null()) << by;
}

}  // namespace
}  // namespace bindtrace
