// SPDX-License-Identifier: Apache-2.0
// Rights that a tracer is started without. Each of these ends the process where it fails.
#pragma once

namespace bindtrace {

void give_up_all_rights();
// But CAP_BPF and CAP_PERFMON, which a program that is executed keeps.
void keep_two_capabilities();

// A level that Debian adds: perf events, and so kprobes, are for CAP_SYS_ADMIN alone.
bool events_are_restricted();

}  // namespace bindtrace
