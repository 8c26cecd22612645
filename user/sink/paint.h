// SPDX-License-Identifier: Apache-2.0
// Colours for a terminal. Everything is escaped before it is coloured.
#pragma once

#include <string>
#include <string_view>

#include "base/escape.h"
#include "core/incident.h"

namespace bindtrace {

class Paint {
 public:
  explicit Paint(bool colour) : colour_(colour) {}

  [[nodiscard]] static std::string plain(std::string_view text) { return escape_terminal(text); }
  [[nodiscard]] std::string victim(std::string_view text) const { return in(kRed, text); }
  [[nodiscard]] std::string holder(std::string_view text) const { return in(kYellow, text); }
  [[nodiscard]] std::string faint(std::string_view text) const { return in(kGrey, text); }
  [[nodiscard]] std::string certainty(Certainty certainty) const {
    const std::string text = '[' + std::string(to_string(certainty)) + ']';
    switch (certainty) {
      case Certainty::kCertain:
        return in(kGreen, text);
      case Certainty::kLikely:
        return in(kYellow, text);
      case Certainty::kUnknown:
        break;
    }
    return in(kMagenta, text);
  }

 private:
  // Select Graphic Rendition (ECMA-48 8.3.117).
  static constexpr int kRed = 31;
  static constexpr int kGreen = 32;
  static constexpr int kYellow = 33;
  static constexpr int kMagenta = 35;
  static constexpr int kGrey = 90;
  static constexpr char kEscape = '\033';

  [[nodiscard]] std::string in(int colour, std::string_view text) const {
    std::string escaped = escape_terminal(text);
    if (!colour_) {
      return escaped;
    }
    return kEscape + ('[' + std::to_string(colour)) + 'm' + escaped + kEscape + "[0m";
  }

  bool colour_;
};

}  // namespace bindtrace
