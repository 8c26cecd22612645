// SPDX-License-Identifier: Apache-2.0
#include "base/escape.h"

#include <string>

#include <gtest/gtest.h>

#include "characters.h"

namespace bindtrace {
namespace {

struct Shown {
  std::string name;
  std::string bytes;
  std::string terminal;
  std::string json;
};

class Escape : public testing::TestWithParam<Shown> {};

TEST_P(Escape, IsHarmlessOnATerminal) {
  EXPECT_EQ(escape_terminal(GetParam().bytes), GetParam().terminal);
}

TEST_P(Escape, IsValidUtf8InJson) {
  EXPECT_EQ(sanitize_utf8(GetParam().bytes), GetParam().json);
}

// U+FFFD, once for each invalid part.
std::string replaced(int parts) {
  std::string text;
  for (; parts > 0; --parts) {
    text += "\xEF\xBF\xBD";
  }
  return text;
}

INSTANTIATE_TEST_SUITE_P(
    Bytes, Escape,
    testing::Values(
        Shown{"PlainText", "nginx: master", "nginx: master", "nginx: master"},
        Shown{"Umlauts", "gr\xC3\xBC\xC3\x9F", "gr\xC3\xBC\xC3\x9F", "gr\xC3\xBC\xC3\x9F"},
        Shown{"Emoji", "\xF0\x9F\x90\x9D", "\xF0\x9F\x90\x9D", "\xF0\x9F\x90\x9D"},
        Shown{"LineBreak", "a\nb", "a\\x0ab", "a\nb"}, Shown{"EscapeSequence", "\x1B[2J", "\\x1b[2J", "\x1B[2J"},
        Shown{"Nul", std::string("a\0b", 3), "a\\x00b", std::string("a\0b", 3)},
        Shown{"Delete", "\x7F", "\\x7f", "\x7F"},
        Shown{"C1", control_sequence_introducer() + "31m", "\\u009b31m", control_sequence_introducer() + "31m"},
        Shown{"BareC1Byte",
              "\x9B"
              "31m",
              "\\x9b31m", replaced(1) + "31m"},
        Shown{"RightToLeftOverride", right_to_left_override() + "gnp", "\\u202egnp", right_to_left_override() + "gnp"},
        Shown{"Isolate", left_to_right_isolate(), "\\u2066", left_to_right_isolate()},
        Shown{"LineSeparator", line_separator(), "\\u2028", line_separator()},
        Shown{"CutCharacter", "\xE2\x82", "\\xe2\\x82", replaced(1)},
        Shown{"CutThenText", "\xE2\x82x", "\\xe2\\x82x", replaced(1) + "x"},
        Shown{"Overlong", "\xC0\xAF", "\\xc0\\xaf", replaced(2)},
        Shown{"OverlongThree", "\xE0\x80\xAF", "\\xe0\\x80\\xaf", replaced(3)},
        Shown{"Surrogate", "\xED\xA0\x80", "\\xed\\xa0\\x80", replaced(3)},
        Shown{"BeyondUnicode", "\xF4\x90\x80\x80", "\\xf4\\x90\\x80\\x80", replaced(4)}, Shown{"Empty", "", "", ""}),
    [](const auto& param) { return param.param.name; });

TEST(EscapeJsonText, KeepsTheMeaningAndDropsWhatMovesATerminal) {
  EXPECT_EQ(escape_json_text("{\"a\":\"" + control_sequence_introducer() + "\x7F" + right_to_left_override() +
                             "\xC3\xBC\\n\"}"),
            "{\"a\":\"\\u009b\\u007f\\u202e\xC3\xBC\\n\"}");
}

}  // namespace
}  // namespace bindtrace
