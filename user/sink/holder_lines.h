// SPDX-License-Identifier: Apache-2.0
// The lines "held by" of a block.
#pragma once

#include <string>

#include "core/incident.h"

namespace bindtrace {

std::string render_holders(const Incident& incident, bool colour);

}  // namespace bindtrace
