// SPDX-License-Identifier: Apache-2.0
// A report as one page that needs no network: a timeline for each address, and the stories in words.
#pragma once

#include <string>

#include "report/report.h"

namespace bindtrace {

std::string render_html(const Report& report);

}  // namespace bindtrace
