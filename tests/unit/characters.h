// SPDX-License-Identifier: Apache-2.0
// Characters that would change how a source file reads, so that none stands in one.
#pragma once

#include <string>

namespace bindtrace {

inline std::string right_to_left_override() {
  return {'\xE2', '\x80', '\xAE'};  // U+202E
}

inline std::string left_to_right_isolate() {
  return {'\xE2', '\x81', '\xA6'};  // U+2066
}

inline std::string line_separator() {
  return {'\xE2', '\x80', '\xA8'};  // U+2028
}

// U+009B, which some terminals take for the start of an escape sequence.
inline std::string control_sequence_introducer() {
  return {'\xC2', '\x9B'};
}

}  // namespace bindtrace
