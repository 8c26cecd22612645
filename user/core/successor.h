// SPDX-License-Identifier: Apache-2.0
// Whether a process carries on what another one tried.
#pragma once

#include "core/incident.h"

namespace bindtrace {

// The same process; or of the same service; or the same program by the same name, of the same container or pod where
// they have one. False where it cannot be told.
bool is_successor(const Process& first, const Process& next);

}  // namespace bindtrace
