// SPDX-License-Identifier: Apache-2.0
// Names that come from outside (comm, paths, units) made safe to show.
#pragma once

#include <string>
#include <string_view>

namespace bindtrace {

// For a terminal: control characters, bytes that are not UTF-8, and characters that change the
// direction of text come out as \xNN or \uNNNN; never a line break.
std::string escape_terminal(std::string_view bytes);

// For JSON and other UTF-8 carriers: each maximal invalid part becomes one U+FFFD.
std::string sanitize_utf8(std::string_view bytes);

// For serialised JSON that may be read on a terminal: DEL, C1 and direction characters, which JSON
// allows raw inside strings, become \uNNNN. The meaning stays the same.
std::string escape_json_text(std::string_view json);

}  // namespace bindtrace
