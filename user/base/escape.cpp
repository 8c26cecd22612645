// SPDX-License-Identifier: Apache-2.0
#include "base/escape.h"

#include <iterator>

#include <fmt/format.h>

#include "base/utf8.h"

namespace bindtrace {
namespace {

bool is_control(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F);
}

// Marks, embeddings, overrides and isolates (Unicode UAX #9), and the two line separators.
bool reorders_text(char32_t c) {
  return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

template <typename Show>
std::string map_characters(std::string_view bytes, Show show) {
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) {
    const Utf8Step step = first_utf8_step(bytes);
    show(step, bytes.substr(0, step.length), out);
    bytes.remove_prefix(step.length);
  }
  return out;
}

void append_hex(std::string_view bytes, std::string& out) {
  for (const char byte : bytes) {
    fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(byte));
  }
}

void append_unicode(char32_t c, std::string& out) {
  fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
}

}  // namespace

std::string escape_terminal(std::string_view bytes) {
  return map_characters(bytes, [](const Utf8Step& step, std::string_view part, std::string& out) {
    if (!step.valid || step.code_point < 0x20 || step.code_point == 0x7F) {
      append_hex(part, out);
    } else if (is_control(step.code_point) || reorders_text(step.code_point)) {
      append_unicode(step.code_point, out);
    } else {
      out += part;
    }
  });
}

std::string sanitize_utf8(std::string_view bytes) {
  return map_characters(bytes, [](const Utf8Step& step, std::string_view part, std::string& out) {
    out += step.valid ? part : std::string_view("\xEF\xBF\xBD");
  });
}

std::string escape_json_text(std::string_view json) {
  return map_characters(json, [](const Utf8Step& step, std::string_view part, std::string& out) {
    const char32_t c = step.code_point;
    if (step.valid && ((c >= 0x7F && c <= 0x9F) || reorders_text(c))) {
      append_unicode(c, out);
    } else {
      out += part;
    }
  });
}

}  // namespace bindtrace
