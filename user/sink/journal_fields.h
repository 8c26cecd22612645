// SPDX-License-Identifier: Apache-2.0
// A record as fields of systemd's journal (systemd.journal-fields(7)). Pure.
#pragma once

#include <string>
#include <vector>

#include "core/event.h"

namespace bindtrace {

// "MESSAGE=nginx.service could not bind ..."; what is not known is left out. OBJECT_SYSTEMD_UNIT is the victim's: by it
// `systemctl status` finds the record. It is never left to OBJECT_PID where the unit is known: journald would look the
// pid up only when it reads the record, and it may be another process's by then.
std::vector<std::string> journal_fields(const Event& event);

}  // namespace bindtrace
