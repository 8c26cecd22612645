// SPDX-License-Identifier: Apache-2.0
#include "enrich/enricher.h"

#include <algorithm>
#include <cctype>
#include <csignal>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "core/interpreter.h"
#include "enrich/bound_finder.h"
#include "enrich/client_port_finder.h"
#include "enrich/container_finder.h"
#include "enrich/holder_finder.h"
#include "enrich/netns_names.h"
#include "enrich/proc_dir.h"
#include "enrich/process_reader.h"
#include "enrich/socket_finder.h"
#include "enrich/unwrapper.h"

namespace bindtrace {
struct Enricher::State {
  explicit State(const Options& options)
      : clocks(options.clocks),
        proc_root(options.proc_root),
        find_binding(options.find_binding),
        find_stop(options.find_stop),
        processes({options.proc_root, options.etc_root / "passwd", options.ticks_per_second, options.show_args,
                   options.own_pid, options.clocks}),
        netns_names({options.netns_directories, options.clocks}),
        own_netns(options.own_netns),
        in_netns(options.in_netns),
        sockets({options.search, options.clocks}),
        holders({.clocks = options.clocks, .whole_port = options.whole_port}, processes, sockets),
        bound(options.proc_root, processes, sockets),
        unwrapper({options.proc_root, options.cgroup_root, options.clocks}, processes) {}

  void add_listeners(Failure& failure);
  [[nodiscard]] std::optional<BoundBy> bound_by(const HolderSocket& socket, std::uint64_t failure_ns) const;
  // Of a holder with a process.
  void add_stop(Holder& holder, std::uint64_t failure_ns) const;
  // By which the network namespace of the failure can be entered. Absent: nobody is seen in it, and it has no name.
  [[nodiscard]] std::optional<std::string> netns_file(const Incident& incident, std::uint32_t netns);
  [[nodiscard]] std::optional<ClientPorts> client_ports(const Incident& incident, std::uint32_t netns);

  std::function<Instant()> clocks;
  std::filesystem::path proc_root;
  FindBinding find_binding;
  FindStop find_stop;
  ProcessReader processes;
  NetnsNames netns_names;
  std::optional<std::uint32_t> own_netns;
  InNetns in_netns;
  SocketFinder sockets;
  HolderFinder holders;  // these refer to the others
  BoundFinder bound;
  Unwrapper unwrapper;
};

namespace {

// It becomes part of a command.
bool is_plain_word(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || std::string_view("/._-:@+").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

}  // namespace

// The walk sees the newest sockets first, and what listens is older than its connections: where the limit of steps came
// first it is searched.
void Enricher::State::add_listeners(Failure& failure) {
  const Transport transport = failure.request.endpoint.transport;
  if (!failure.walk_truncated || (transport != Transport::kTcp && transport != Transport::kMptcp)) {
    return;
  }
  const auto holdings = sockets.find(SocketsBoundTo{failure.request, std::nullopt}, transport, failure);
  if (!holdings) {
    return;
  }
  for (const Holding& holding : *holdings) {
    const bool known = holding.socket.inode == failure.request.inode ||
                       std::any_of(failure.sockets.begin(), failure.sockets.end(),
                                   [&](const HolderSocket& socket) { return socket.inode == holding.socket.inode; });
    if (!known) {
      failure.sockets.push_back(holding.socket);
    }
  }
}

// A record that is younger than the failure, or of another port, is of a later socket with that inode.
std::optional<BoundBy> Enricher::State::bound_by(const HolderSocket& socket, std::uint64_t failure_ns) const {
  const auto bytes = find_binding && socket.inode ? find_binding(*socket.inode) : std::nullopt;
  const auto binding = bytes ? decode_binding(*bytes) : Result<Binding>(tl::unexpected(Error{}));
  if (!binding || binding->inode != socket.inode || binding->recorded_boottime_ns > failure_ns ||
      binding->port != socket.local.port.value_or(0)) {
    return std::nullopt;
  }
  BoundBy by{binding->pid, binding->start_boottime_ns, binding->comm,
             processes.alive({binding->pid, binding->start_boottime_ns, binding->recorded_boottime_ns, binding->comm}),
             std::nullopt};
  if (binding->bound_boottime_ns) {
    by.ms_ago = static_cast<std::int64_t>(failure_ns - *binding->bound_boottime_ns) / kNsPerMs;
  }
  return by;
}

// A record of another start is of an earlier process with that pid. One that is younger than the failure has taken the
// place of what was before.
void Enricher::State::add_stop(Holder& holder, std::uint64_t failure_ns) const {
  const auto bytes = find_stop ? find_stop(holder.process->pid) : std::nullopt;
  if (!bytes) {
    return;
  }
  auto record = decode_stop(*bytes);  // an Error: none was kept
  const bool is_its = record && record->start_boottime_ns == holder.process->start_boottime_ns;
  const bool asks_for_threads = is_its && record->signal == SIGQUIT &&
                                language_of(holder.process->program.name) == Language::kJava;  // that it shows them
  holder.stop_known = !is_its || (record->ktime_ns <= failure_ns && !asks_for_threads);
  if (is_its && holder.stop_known) {
    holder.stop = StopSignal{record->signal, static_cast<std::int64_t>(failure_ns - record->ktime_ns) / kNsPerMs,
                             record->ignored, std::move(record->sender)};
  }
}

// A name stays; a holder outlives the victim, as a rule.
std::optional<std::string> Enricher::State::netns_file(const Incident& incident, std::uint32_t netns) {
  if (const auto file = netns_names.file_of(netns); file && is_plain_word(file->string())) {
    return file->string();
  }
  std::vector<const Process*> seen;
  for (const Holder& holder : incident.holders) {
    if (holder.process) {
      seen.push_back(&*holder.process);
    }
  }
  seen.push_back(&incident.victim);
  for (const Process* process : seen) {
    const auto dir =
        process->alive == true ? ProcDir::open(proc_root, process->pid) : Result<ProcDir>(tl::unexpected(Error{}));
    if (dir && netns_of(*dir) == netns) {
      return (proc_root / std::to_string(process->pid) / "ns/net").string();
    }
  }
  return std::nullopt;
}

std::optional<ClientPorts> Enricher::State::client_ports(const Incident& incident, std::uint32_t netns) {
  if (!incident.in_other_netns) {
    return find_client_ports(proc_root);
  }
  const auto file = netns_file(incident, netns);
  return file ? find_client_ports_of(netns, *file, proc_root, in_netns) : std::nullopt;
}

Enricher::Enricher(const Options& options) : state_(std::make_unique<State>(options)) {}

Enricher::~Enricher() = default;

Incident Enricher::enrich(Failure failure) {
  Incident incident;
  incident.victim = state_->processes.complete(failure.victim, failure.head.key.ktime_ns);
  state_->add_listeners(failure);
  HolderFindings findings = BoundFinder::is_for(failure) ? state_->bound.find(failure, incident.victim)
                                                         : state_->holders.find(failure, incident.victim);
  incident.holders = std::move(findings.holders);
  for (Holder& holder : incident.holders) {
    holder.bound_by = state_->bound_by(holder.socket, failure.head.key.ktime_ns);
    if (holder.process) {
      state_->add_stop(holder, failure.head.key.ktime_ns);
    }
    holder.on_behalf = holder.socket.overlaps ? state_->unwrapper.unwrap(holder) : std::nullopt;
  }
  incident.holder_status = findings.status;
  incident.holder_reason = std::move(findings.reason);
  incident.path_file = findings.path_file;
  if (const std::uint32_t netns = failure.request.netns; netns != 0) {
    incident.netns_name = state_->netns_names.name_of(netns);
    incident.in_other_netns = state_->own_netns.value_or(netns) != netns;
  }
  if (failure.bucket && failure.bucket->fastreuse < 0) {
    incident.client_ports = state_->client_ports(incident, failure.request.netns);
  }
  incident.failure = std::move(failure);
  const Instant now = state_->clocks();
  incident.clock = BootClock(now);
  incident.observed_boottime_ns = now.boottime_ns;
  return incident;
}

}  // namespace bindtrace
