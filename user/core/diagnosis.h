// SPDX-License-Identifier: Apache-2.0
// Why the kernel refused: a table of causes, tried in order of precedence.
#pragma once

#include "core/incident.h"

namespace bindtrace {

// From the failure, the victim and the holders of an incident; its own diagnosis is not read. The
// first cause that fits wins; what other causes found out goes into its evidence.
Diagnosis diagnose(const Incident& incident);

}  // namespace bindtrace
