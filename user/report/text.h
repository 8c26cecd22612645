// SPDX-License-Identifier: Apache-2.0
// A report for a terminal: names are escaped, times are local.
#pragma once

#include <string>

#include "report/report.h"

namespace bindtrace {

std::string render_report(const Report& report);

}  // namespace bindtrace
