// SPDX-License-Identifier: Apache-2.0
// What `bindtrace doctor` found, for a person and for programs. Pure; all text from outside is escaped.
#pragma once

#include <string>

#include "core/checkup.h"

namespace bindtrace {

// An aligned block, with the verdict first.
std::string render_checkup_text(const Checkup& checkup);

// One object (event.name is bindtrace.doctor), then "\n". Unknown is null.
std::string render_checkup_json(const Checkup& checkup);

}  // namespace bindtrace
