// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.h"

namespace bindtrace {
namespace {

struct Lead {
  std::size_t length = 0;  // of the whole character; 0: no character starts so
  unsigned char second_low = 0x80;
  unsigned char second_high = 0xBF;
};

// The second byte's range keeps out overlong forms, surrogates and what is beyond U+10FFFF.
Lead lead_of(unsigned char byte) {
  if (byte >= 0xC2 && byte <= 0xDF) {
    return {2};
  }
  if (byte >= 0xE0 && byte <= 0xEF) {
    return {3, static_cast<unsigned char>(byte == 0xE0 ? 0xA0 : 0x80),
            static_cast<unsigned char>(byte == 0xED ? 0x9F : 0xBF)};
  }
  if (byte >= 0xF0 && byte <= 0xF4) {
    return {4, static_cast<unsigned char>(byte == 0xF0 ? 0x90 : 0x80),
            static_cast<unsigned char>(byte == 0xF4 ? 0x8F : 0xBF)};
  }
  return {};
}

}  // namespace

Utf8Step first_utf8_step(std::string_view bytes) {
  const auto first = static_cast<unsigned char>(bytes.front());
  if (first < 0x80) {
    return {first, 1, true};
  }
  const Lead lead = lead_of(first);
  if (lead.length == 0) {
    return {0, 1, false};
  }
  char32_t code_point = first & (0xFFU >> (lead.length + 1));
  for (std::size_t i = 1; i < lead.length; ++i) {
    if (i >= bytes.size()) {
      return {0, i, false};
    }
    const auto byte = static_cast<unsigned char>(bytes[i]);
    const unsigned char low = i == 1 ? lead.second_low : 0x80;
    const unsigned char high = i == 1 ? lead.second_high : 0xBF;
    if (byte < low || byte > high) {
      return {0, i, false};
    }
    code_point = (code_point << 6U) | (byte & 0x3FU);
  }
  return {code_point, lead.length, true};
}

}  // namespace bindtrace
