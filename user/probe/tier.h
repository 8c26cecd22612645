// SPDX-License-Identifier: Apache-2.0
// Tiers: the places in the kernel where failures are seen.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "probe/kernel_types.h"

namespace bindtrace {

enum class Tier {
  kFexit,       // BPF trampolines on the kernel's bind functions: the kernel's copy of the address
  kKprobe,      // the same functions by kprobes at entry and return
  kTracepoint,  // every system call's exit: the address from the caller's memory
};

// Best first. Where the kernel may preempt a program, all but the kprobe tier lose failures to that
// (docs/decisions/0005).
std::array<Tier, 3> tiers(bool preemptible);

std::string_view to_string(Tier tier);

// The programs of a tier that this kernel has hooks for, in the order in which they must be attached; with those that
// stand in for another that the kernel skips where it may preempt them (bpf/turn.bpf.h). fexit programs on one function
// run in reverse order of attachment (measured on 5.10 to 7.2), tracepoint programs in order.
std::vector<const char*> programs_of(Tier tier, bool preemptible, const KernelTypes& kernel);

// What can give up an address.
enum class Ending { kTcp, kUdp, kUnixName };

// A program that tells of it.
struct EndingHook {
  Ending of;
  const char* program;
};

// Those of a tier that this kernel may have; an attachment can still fail. They are for the time in which something is
// watched.
std::vector<EndingHook> ending_hooks_of(Tier tier, const KernelTypes& kernel);

}  // namespace bindtrace
