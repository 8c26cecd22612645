// SPDX-License-Identifier: Apache-2.0
// What `bindtrace who` found, for a person and for programs. Pure; all text from outside is escaped.
#pragma once

#include <string>

#include "core/occupancy.h"

namespace bindtrace {

std::string render_occupancy_text(const Occupancy& occupancy, bool colour);

// One object (event.name is bindtrace.who), then "\n". Unknown is null.
std::string render_occupancy_json(const Occupancy& occupancy);

}  // namespace bindtrace
