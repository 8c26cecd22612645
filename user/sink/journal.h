// SPDX-License-Identifier: Apache-2.0
// Records to systemd's journal, by its native protocol.
#pragma once

#include <memory>

#include "base/result.h"
#include "sink/exporter.h"

namespace bindtrace {

// Its write() waits while journald does not read. An Error says why there is no journal: none runs here, or this build
// has been made without (BINDTRACE_JOURNALD).
Result<std::unique_ptr<Exporter>> open_journal();

}  // namespace bindtrace
