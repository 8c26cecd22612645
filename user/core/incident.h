// SPDX-License-Identifier: Apache-2.0
// A failure with everything known about it: who wanted the address, who held it, and why.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "core/cgroup_name.h"
#include "core/client_ports.h"
#include "core/failure.h"
#include "core/on_behalf.h"
#include "core/program.h"
#include "core/stop.h"

namespace bindtrace {

// The machine and the build; absent where the machine does not say.
struct HostFacts {
  std::optional<std::string> name;
  std::optional<std::string> id;  // machine-id
  std::optional<std::string> boot_id;
  std::optional<std::string> os_version;  // kernel release
  std::string service_version;
};

// Who started a process, and who started that one.
struct Ancestor {
  std::uint32_t pid = 0;
  std::string comm;

  friend bool operator==(const Ancestor&, const Ancestor&) = default;
};
struct Lineage {
  std::vector<Ancestor> ancestors;  // the parent first
  std::optional<std::string> cut;   // why it ends there; absent: at the first process
};

// A process, from the kernel's facts and from what /proc could add while it lived.
struct Process {
  std::uint32_t pid = 0;
  std::uint64_t start_boottime_ns = 0;
  std::uint32_t uid = 0;
  std::string comm;
  Program program;
  std::optional<std::uint32_t> parent_pid;
  std::string parent_comm;  // empty: unknown
  std::optional<Lineage> lineage;
  std::optional<std::string> user;
  std::optional<std::string> config_test;   // "nginx -t": it only tries its configuration
  std::optional<std::string> command_line;  // redacted; only where the user asked for it
  std::optional<std::string> cgroup;        // path
  std::optional<std::uint64_t> cgroup_id;
  CgroupIdentity place;
  std::optional<std::uint32_t> vpid;  // in its own pid namespace
  // Still there, with the same start time, when we looked; absent: it cannot be told, /proc shows other pids or hides
  // it.
  std::optional<bool> alive = false;
  bool exiting = false;  // at the failure
  bool kernel_thread = false;
};

enum class HolderSource {
  kKernelAtFailure,
  kIterator,  // in a search of all descriptors, shortly after the failure
  kProcfs,    // among the descriptors of a process that was seen with another of the sockets, shortly after the failure
};

// The process that made the bind, which need not be the one that has the socket now.
struct BoundBy {
  std::uint32_t pid = 0;
  std::uint64_t start_boottime_ns = 0;
  std::string comm;
  std::optional<bool> alive = false;   // absent: it cannot be told
  std::optional<std::int64_t> ms_ago;  // before the failure; absent: it only had the socket when bindtrace started
};

// One socket on the port, and one process that has it; a socket that several processes share comes
// once for each.
struct Holder {
  HolderSocket socket;
  std::optional<Process> process;  // absent: no process, or not found
  std::vector<std::uint32_t> fds;
  std::optional<HolderSource> source;
  std::optional<std::uint64_t>
      seen_after_ns;                 // how long after the failure it was seen with the socket; absent: it was not
  std::optional<bool> closed_since;  // what was seen in the failing call it has closed; absent: not established
  std::optional<BoundBy> bound_by;
  std::optional<StopSignal> stop;     // by which the process was told to stop
  bool stop_known = false;            // where not, an absent stop says nothing
  std::optional<OnBehalf> on_behalf;  // present: the process is only a stand-in
  std::optional<bool> blocking;       // absent: not established
  std::optional<std::string> rule;    // why it blocks or not
};

enum class HolderStatus {
  kFound,    // a process is named
  kGone,     // nothing, or nobody with it, was left on the port when the kernel looked
  kChanged,  // sockets were on the port, none that could have refused
  kKernel,   // the kernel's own socket
  kNone,     // no process has it: TIME_WAIT, orphan, in flight
  kSkipped,  // not looked for
};

// What is where a Unix path leads; bind makes the file and replaces none.
enum class PathFile { kSocket, kRegular, kDirectory, kSymbolicLink, kOther, kNothing };

enum class Cause {
  kConfigTest,
  kPortProbe,
  kPortsExhausted,
  kStaleSocketFile,
  kSameProcess,
  kKernelSocket,
  kSocketUnit,
  kContainerPort,
  kInheritedSocket,
  kReuseportMismatch,
  kClientPort,
  kTimeWait,
  kClosingConnection,
  kPreviousInstance,
  kAnotherInstance,
  kOtherProgram,
  kUnknown,
};

enum class Certainty { kCertain, kLikely, kUnknown };

// A failure's place in the story of one victim at one address against one holder (core/episode.h).
struct EpisodePlace {
  EventKey first;             // of the story
  std::uint64_t attempt = 1;  // the failures until now
  bool is_news = true;        // worth a record of its own
};

struct ToldToStop {
  std::uint32_t pid = 0;
  StopSignal stop;
};

// All text may quote names from outside: sinks escape it.
struct Diagnosis {
  Cause cause = Cause::kUnknown;
  Certainty certainty = Certainty::kUnknown;
  std::string summary;                // one clause, no full stop
  std::vector<std::string> evidence;  // sentences, each from an observed fact
  std::vector<std::string> advice;
  std::optional<ToldToStop> told_to_stop;  // the holder that the cause is about
};

struct Incident {
  Failure failure;
  Process victim;
  std::vector<Holder> holders;  // what blocks first
  HolderStatus holder_status = HolderStatus::kNone;
  std::optional<std::string> holder_reason;
  std::optional<PathFile> path_file;  // absent: no Unix path, or it could not be looked up
  std::optional<std::string> netns_name;
  std::optional<ClientPorts> client_ports;  // of the victim's network namespace, where connections have the port
  bool in_other_netns = false;              // the victim's network namespace is not bindtrace's own
  Diagnosis diagnosis;
  std::optional<EpisodePlace> episode;  // absent: told by itself
  std::string tier;
  std::shared_ptr<const HostFacts> host;
  BootClock clock;
  std::uint64_t observed_boottime_ns = 0;  // when user space had finished looking
};

std::string_view to_string(HolderSource source);
std::string_view to_string(HolderStatus status);
// "a regular file"
std::string_view to_string(PathFile file);
std::string_view to_string(Cause cause);
// No trouble: the program expects to be refused.
bool is_benign(Cause cause);
std::string_view to_string(Certainty certainty);

// "nginx[811]"
std::string label(const Process& process);
std::string label(const BoundBy& binder);

// The same pid and the same start time.
bool same_process(const Process& a, const Process& b);
bool same_process(const Process& process, const BoundBy& binder);

}  // namespace bindtrace
