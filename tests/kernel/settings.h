// SPDX-License-Identifier: Apache-2.0
// What the environment of the test binary says about this machine.
//
//   BINDTRACE         the tracer (default: `bindtrace` beside the test binary)
//   BINDTRACE_TIERS   attach tiers that must work here, best first, e.g. "fexit,kprobe,tracepoint"; must be set
//   BINDTRACE_SHORT   if it is set, the run is a short one: suites that say so have fewer tiers (tier_test.h)
//   BINDTRACE_EXPECT  features that this machine must have, e.g. "mptcp,sctp" (features.h); others may be missing
//   BINDTRACE_SLOW    factor on every time limit (default 1; 10 under emulation)
//   BINDTRACE_TRIALS  how often each race against one that exits is run (default 1000 / BINDTRACE_SLOW)
//   BINDTRACE_STORM   how many binds a storm makes (default 20000 / BINDTRACE_SLOW)
//   BINDTRACE_TASKS   how many tasks fail to bind on one CPU at once (default 2)
//   BINDTRACE_CROWD   how many connections crowd a port (default 9000)
//   BINDTRACE_REUSES  how often a pid becomes another process's, in each way (default 300 / BINDTRACE_SLOW)
//   BINDTRACE_FDS     how many descriptors are open in all where many are (default 300000 / BINDTRACE_SLOW)
//   BINDTRACE_RECORDS a file to which every JSON record that a test reads is added, a line each
//   BINDTRACE_PYTHON  a Python interpreter; where set, the test with a Python script must pass
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace bindtrace {

// Empty unless BINDTRACE_TIERS is set.
std::vector<std::string> tiers_to_test();
// The last of them, or none.
std::vector<std::string> last_tier_to_test();
// All of them, but in a short run the last.
std::vector<std::string> tiers_unless_short();
// The last of them, but none in a short run.
std::vector<std::string> last_tier_unless_short();
std::vector<std::string> features_to_expect();
std::string tracer_path();
// Empty unless BINDTRACE_RECORDS is set.
std::string records_file();
// Empty unless BINDTRACE_PYTHON is set.
std::string python_interpreter();
int trials();
int storm_size();
int tasks_on_one_cpu();
int crowd_size();
int reuses();
int many_fds();

// A time limit in seconds on a fast machine, scaled to this one.
std::chrono::milliseconds time_limit(double seconds);

std::string own_executable();

// From Linux 5.17: which variant of the programs runs (docs/decisions/0001).
bool kernel_has_bpf_loop();

// What bindtrace takes by itself: the first of BINDTRACE_TIERS, but kprobes where programs are preempted
// (docs/decisions/0005).
std::string tier_taken_by_default();

// A BPF program may lose the CPU to another task (preempt=full or lazy). False too where debugfs does not say.
bool kernel_preempts_programs();

}  // namespace bindtrace
