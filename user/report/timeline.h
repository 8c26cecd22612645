// SPDX-License-Identifier: Apache-2.0
// One address over time, as a drawing: who held it, who tried, when it was freed.
#pragma once

#include <span>
#include <string>

#include "report/report.h"

namespace bindtrace {

// SVG for an HTML page; names are escaped. `stories` are those of one address, the times are those of the page.
std::string draw_timeline(std::span<const Story* const> stories, std::int64_t begin_ns, std::int64_t end_ns);

// The style of its parts, once a page.
std::string timeline_style();

std::string escape_html(std::string_view text);

}  // namespace bindtrace
