// SPDX-License-Identifier: Apache-2.0
// Causes where no process stands behind the socket, and the lack of any cause.
#include <algorithm>
#include <cstdint>
#include <set>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/words.h"
#include "core/causes.h"
#include "core/evidence.h"
#include "core/kernel_service.h"

namespace bindtrace {
namespace {

bool all_overlapping(const Facts& facts, bool (*holds)(const HolderSocket&)) {
  return !facts.overlapping.empty() && std::all_of(facts.overlapping.begin(), facts.overlapping.end(),
                                                   [&](const Holder* holder) { return holds(holder->socket); });
}

bool is_closing(const HolderSocket& socket) {
  switch (socket.state) {
    case SocketState::kFinWait1:
    case SocketState::kFinWait2:
    case SocketState::kLastAck:
    case SocketState::kClosing:
    case SocketState::kCloseWait:
      return socket.orphan;
    case SocketState::kUnknown:
    case SocketState::kEstablished:
    case SocketState::kSynSent:
    case SocketState::kSynRecv:
    case SocketState::kTimeWait:
    case SocketState::kClose:
    case SocketState::kListen:
    case SocketState::kNewSynRecv:
    case SocketState::kBoundInactive:
      break;
  }
  return false;
}

bool all_seen(const Facts& facts) {
  return !facts.incident.failure.walk_truncated && !facts.incident.failure.sockets_cut;
}

// What the record holds is all there is, or a sample.
std::string seen_words(const Facts& facts, std::string_view what) {
  const std::string seen = fmt::format("{} {}", counted(facts.overlapping.size(), "socket"), what);
  return all_seen(facts) ? seen + ", no other overlaps"
                         : fmt::format("{}, out of {} on the port", seen, facts.incident.failure.socket_count);
}

// How long until the last of them is gone; each of them has to go.
std::int64_t longest_time_wait_ns(const Facts& facts) {
  std::uint32_t longest_ms = 0;
  for (const Holder* holder : facts.overlapping) {
    longest_ms = std::max(longest_ms, holder->socket.time_wait_ms_left.value_or(0));
  }
  return longest_ms * kNsPerMs;
}

// A TIME_WAIT socket refuses unless both sides have SO_REUSEADDR; who the other side was is known of connections only.
void explain_reuseaddr(const Facts& facts, Diagnosis& diagnosis) {
  const bool victim_has = facts.incident.failure.request.options.reuseaddr;
  const bool old_has = all_overlapping(facts, [](const HolderSocket& socket) { return socket.options.reuseaddr; });
  if (!victim_has) {
    diagnosis.summary += ", and SO_REUSEADDR is not set";
    diagnosis.evidence.push_back(label(facts.incident.victim) + " had not set SO_REUSEADDR");
  } else if (!old_has) {
    diagnosis.summary += ", and SO_REUSEADDR was not set on all of them";
  }
  if (!old_has) {
    diagnosis.evidence.emplace_back("not all connections in TIME_WAIT were made with SO_REUSEADDR");
  }
  if (old_has && !victim_has) {
    diagnosis.advice.emplace_back(
        "set SO_REUSEADDR before bind in the program that starts: only old connections are in the way");
  } else if (!old_has && !facts.is_outgoing) {
    diagnosis.advice.push_back(
        fmt::format("set SO_REUSEADDR before bind in {}: both sides must have it",
                    victim_has ? "the program that had the port before" : "this program and in the one before it"));
  }
}

// FIN_WAIT2 without a process has a timer that shows how long it is left; a FIN of the other side makes it a TIME_WAIT.
std::string closing_advice(const Facts& facts) {
  const bool timed =
      all_overlapping(facts, [](const HolderSocket& socket) { return socket.time_wait_ms_left.has_value(); });
  return timed && all_seen(facts)
             ? fmt::format(
                   "wait {}: the kernel drops them by itself, up to a minute later if the other side closes "
                   "its end before",
                   humanised(longest_time_wait_ns(facts)))
             : "wait: the kernel ends them by itself, at the latest when their retransmissions or timers run out";
}

std::string missing_fact(const Facts& facts) {
  const Incident& incident = facts.incident;
  if (facts.overlapping.empty()) {
    return incident.holder_reason.value_or("no socket that could refuse was seen");
  }
  if (!facts.principal->process) {
    return incident.holder_reason.value_or("the process that holds it was not found");
  }
  return missing_program_fact(incident.victim, *facts.principal->process);
}

void advise_a_look(const Facts& facts, Diagnosis& diagnosis) {
  const Endpoint& wanted = facts.incident.failure.request.endpoint;
  const bool tcp = wanted.transport == Transport::kTcp || wanted.transport == Transport::kMptcp;
  if (wanted.port && (tcp || wanted.transport == Transport::kUdp)) {
    diagnosis.advice.push_back(fmt::format("look now, as root and in its network namespace: ss -anp{} 'sport = :{}'",
                                           tcp ? 't' : 'u', *wanted.port));
  }
}

}  // namespace

std::optional<Diagnosis> examine_ports_exhausted(const Facts& facts) {
  const Endpoint& wanted = facts.incident.failure.request.endpoint;
  if (!is_ip(wanted.transport) || wanted.port != 0) {
    return std::nullopt;
  }
  Diagnosis diagnosis;
  diagnosis.cause = Cause::kPortsExhausted;
  diagnosis.certainty = Certainty::kCertain;
  diagnosis.summary = fmt::format("the kernel was to choose a {} port, and none of its range was free for that address",
                                  to_string(wanted.transport));
  diagnosis.evidence.emplace_back("port 0 asks the kernel to choose; EADDRINUSE then means that it found none");
  diagnosis.advice.emplace_back(
      "find out who uses up the ports, or widen net.ipv4.ip_local_port_range, in the network namespace of the program");
  return diagnosis;
}

std::optional<Diagnosis> examine_kernel_socket(const Facts& facts) {
  if (!facts.principal || !facts.principal->socket.kernel_socket) {
    return std::nullopt;
  }
  Diagnosis diagnosis;
  diagnosis.cause = Cause::kKernelSocket;
  diagnosis.certainty = facts.blocker_is_sure ? Certainty::kCertain : Certainty::kLikely;
  diagnosis.summary = "the kernel itself holds it; no process does";
  diagnosis.evidence.emplace_back("the socket on the port has no file, so no process can have opened it");
  if (const auto usual = usual_kernel_service(facts.principal->socket.local)) {
    diagnosis.evidence.push_back(fmt::format("{} {} is the usual port of {}; whether it is that is not established",
                                             to_string(facts.principal->socket.local.transport),
                                             facts.principal->socket.local.port.value_or(0), usual->name));
    diagnosis.advice.push_back(
        fmt::format("see whether it is {}: {}; then choose another port for one of them", usual->name, usual->look));
  } else {
    diagnosis.advice.emplace_back(
        "look for a kernel service on that port (NFS, WireGuard, vxlan), and choose another port for one of them");
  }
  return diagnosis;
}

std::optional<Diagnosis> examine_time_wait(const Facts& facts) {
  if (!all_overlapping(facts, [](const HolderSocket& socket) { return socket.time_wait; })) {
    return std::nullopt;
  }
  const std::uint32_t all = count_if_all_are(facts.incident.failure, SocketState::kTimeWait);
  const std::string left = humanised(longest_time_wait_ns(facts));
  Diagnosis diagnosis;
  diagnosis.cause = Cause::kTimeWait;
  diagnosis.certainty = all > 0 || all_seen(facts) ? Certainty::kCertain : Certainty::kLikely;
  diagnosis.summary = fmt::format(
      "only closed {}connections in TIME_WAIT are left, the last{} is gone in {}", facts.is_outgoing ? "outgoing " : "",
      all_seen(facts) ? "" : fmt::format(" of {} looked at", facts.overlapping.size()), left);
  diagnosis.evidence.push_back(all > 0 ? counted(all, "socket") + " in TIME_WAIT, no other is on the port"
                                       : seen_words(facts, "in TIME_WAIT"));
  explain_reuseaddr(facts, diagnosis);
  if (facts.is_outgoing) {
    explain_client_port(facts, diagnosis);
  }
  diagnosis.advice.push_back(all_seen(facts) ? fmt::format("or wait {}: the kernel drops them by itself", left)
                                             : "or wait: the kernel drops each by itself a minute after its end");
  if (diagnosis.advice.size() == 1) {
    diagnosis.advice.front().erase(0, 3);
  }
  return diagnosis;
}

std::optional<Diagnosis> examine_closing_connection(const Facts& facts) {
  const bool fits =
      all_overlapping(facts, [](const HolderSocket& socket) { return socket.time_wait || is_closing(socket); }) &&
      !all_overlapping(facts, [](const HolderSocket& socket) { return socket.time_wait; });
  if (!fits) {
    return std::nullopt;
  }
  std::set<std::string_view> states;
  for (const Holder* holder : facts.overlapping) {
    states.insert(to_string(holder->socket.state));
  }
  Diagnosis diagnosis;
  diagnosis.cause = Cause::kClosingConnection;
  diagnosis.certainty = all_seen(facts) ? Certainty::kCertain : Certainty::kLikely;
  diagnosis.summary =
      fmt::format("connections that no process has any more are still closing ({})", fmt::join(states, ", "));
  diagnosis.evidence.push_back(seen_words(facts, "without a process"));
  diagnosis.advice.push_back(closing_advice(facts));
  return diagnosis;
}

// The kernel refuses because of the file, whoever made it: bind(2) never replaces one.
std::optional<Diagnosis> examine_stale_socket_file(const Facts& facts) {
  const Incident& incident = facts.incident;
  const bool nobody = incident.holder_status == HolderStatus::kNone && facts.overlapping.empty();
  if (!incident.path_file || *incident.path_file == PathFile::kNothing || !nobody) {
    return std::nullopt;
  }
  const std::string& path = incident.failure.request.endpoint.name.value();
  Diagnosis diagnosis;
  diagnosis.cause = Cause::kStaleSocketFile;
  diagnosis.certainty = Certainty::kCertain;
  if (*incident.path_file != PathFile::kSocket) {
    diagnosis.summary = fmt::format("{} is in the way at that path", to_string(*incident.path_file));
    diagnosis.evidence.push_back(fmt::format("{} is {}", path, to_string(*incident.path_file)));
    diagnosis.advice.emplace_back("see what it is, then remove it or bind another path");
    return diagnosis;
  }
  diagnosis.summary = "the socket file is left over: nobody listens on it";
  diagnosis.evidence.push_back(fmt::format("{} is there, and no process has the socket that made it", path));
  if (!incident.holders.empty()) {
    diagnosis.evidence.push_back(fmt::format("{} made through it before {} still open",
                                             counted(incident.holders.size(), "connection"),
                                             incident.holders.size() == 1 ? "is" : "are"));
  }
  diagnosis.advice.push_back(
      fmt::format("remove {} before the start (unlink it before bind, or RuntimeDirectory= in the unit)", path));
  return diagnosis;
}

Diagnosis unknown_cause(const Facts& facts) {
  Diagnosis diagnosis;
  const std::string missing = missing_fact(facts);
  if (facts.principal && facts.principal->process) {
    diagnosis.summary = fmt::format("{} {}; whether it is the same program is not known: {}",
                                    label(*facts.principal->process), activity(facts.principal->socket), missing);
  } else {
    diagnosis.summary = "the cause is not known: " + missing;
  }
  diagnosis.evidence.push_back("missing: " + missing);
  advise_a_look(facts, diagnosis);
  return diagnosis;
}

}  // namespace bindtrace
