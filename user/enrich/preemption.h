// SPDX-License-Identifier: Apache-2.0
// How this kernel takes the CPU from what runs in it, and whether it may from a BPF program.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

namespace bindtrace {

// Where a kernel tells how it preempts; injected, so that fixtures are test data.
struct PreemptionSources {
  std::filesystem::path version = "/proc/sys/kernel/version";      // names PREEMPT where it was built in
  std::filesystem::path mode = "/sys/kernel/debug/sched/preempt";  // 5.12+, e.g. "none (voluntary) full"
  std::filesystem::path command_line = "/proc/cmdline";            // preempt=MODE
  std::filesystem::path config = "/proc/config.gz";                // or plain text
  std::filesystem::path config_of_release;                         // /boot/config-RELEASE
};

PreemptionSources preemption_sources();

enum class PreemptionModel { kNone, kVoluntary, kFull, kLazy };

// As preempt= names it.
std::string_view to_string(PreemptionModel model);

// Absent where nothing tells. The mode can be changed while the system runs (through debugfs).
std::optional<PreemptionModel> preemption_model(const PreemptionSources& sources);

// True also where nothing tells: it costs a little, false by mistake would lose failures. Where the mode is changed
// later, what the kernel skips then is counted as missed.
bool programs_may_be_preempted(const PreemptionSources& sources);

}  // namespace bindtrace
