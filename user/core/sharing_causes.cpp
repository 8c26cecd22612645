// SPDX-License-Identifier: Apache-2.0
// Causes that lie in how the port came to be taken, whoever has it: a choice of the kernel, or an option of one side.
#include <fmt/format.h>

#include "core/causes.h"
#include "core/conflict.h"
#include "core/evidence.h"

namespace bindtrace {
namespace {

bool is_over(const HolderSocket& socket) {
  return socket.time_wait || socket.orphan;
}

// Of the socket's side: "haproxy[811]", or what there is to say of it.
std::string holder_label(const Facts& facts) {
  return facts.principal->process ? label(*facts.principal->process) : "the socket there";
}

// What the kernel would have said, had both sides set SO_REUSEPORT.
const ConflictRule* rule_with_reuseport(const Request& request, const HolderSocket& socket) {
  Request asked = request;
  HolderSocket held = socket;
  asked.options.reuseport = true;
  held.options.reuseport = true;
  return rule_between(asked, held);
}

Diagnosis other_user(const Facts& facts) {
  const HolderSocket& socket = facts.principal->socket;
  Diagnosis diagnosis;
  diagnosis.summary = "both sides set SO_REUSEPORT, but they are of different users: only one user may share a port";
  diagnosis.evidence.push_back(fmt::format("{} binds as uid {}, the socket of {} is uid {}'s",
                                           label(facts.incident.victim), facts.incident.failure.request.uid,
                                           holder_label(facts), socket.uid.value_or(0)));
  diagnosis.advice.emplace_back("run both as one user, or give them different ports");
  return diagnosis;
}

Diagnosis one_side(const Facts& facts) {
  const bool victim_has = facts.incident.failure.request.options.reuseport;
  const std::string has = victim_has ? label(facts.incident.victim) : holder_label(facts);
  const std::string lacks = victim_has ? holder_label(facts) : label(facts.incident.victim);
  Diagnosis diagnosis;
  diagnosis.summary =
      fmt::format("{} set SO_REUSEPORT, {} did not: a port is shared only if every side does", has, lacks);
  diagnosis.evidence.push_back(
      fmt::format("with SO_REUSEPORT on both sides the kernel would have let it pass ({})",
                  rule_with_reuseport(facts.incident.failure.request, facts.principal->socket)->words));
  diagnosis.advice.push_back(
      fmt::format("if both are to share the port, set SO_REUSEPORT before bind in {} too", lacks));
  return diagnosis;
}

}  // namespace

// What is over blocks by its state, and is another cause.
std::optional<Diagnosis> examine_reuseport_mismatch(const Facts& facts) {
  if (!facts.principal || facts.is_outgoing || is_over(facts.principal->socket)) {
    return std::nullopt;
  }
  const Request& request = facts.incident.failure.request;
  const HolderSocket& socket = facts.principal->socket;
  const ConflictRule* shared = rule_with_reuseport(request, socket);
  if (!is_ip(request.endpoint.transport) || shared == nullptr) {
    return std::nullopt;
  }
  const bool both = request.options.reuseport && socket.options.reuseport;
  const bool neither = !request.options.reuseport && !socket.options.reuseport;
  if (neither || shared->blocks != both) {
    return std::nullopt;  // not asked for, no remedy on one side, or no trouble between the two
  }
  Diagnosis diagnosis = both ? other_user(facts) : one_side(facts);
  diagnosis.cause = Cause::kReuseportMismatch;
  diagnosis.certainty = certain_if(facts.blocker_is_sure);
  return diagnosis;
}

namespace {

// What the command changes lasts until the namespace is gone.
std::string lasting_place(const Incident& incident) {
  if (incident.client_ports->netns_file.empty()) {
    return "in /etc/sysctl.d";
  }
  const std::string runtime = incident.victim.place.container_runtime.value_or("");
  return runtime == "docker" || runtime == "podman" ? "with --sysctl where the container is made"
                                                    : "where that network namespace is made";
}

}  // namespace

void explain_client_port(const Facts& facts, Diagnosis& diagnosis) {
  const Incident& incident = facts.incident;
  const std::uint16_t port = incident.failure.request.endpoint.port.value_or(0);
  diagnosis.evidence.emplace_back("the kernel's bind bucket says that outgoing connections alone have the port");
  if (!incident.client_ports) {
    diagnosis.advice.push_back(
        fmt::format("add {} to net.ipv4.ip_local_reserved_ports in the network namespace of the program, so that the "
                    "kernel does not choose it for connections",
                    port));
    return;
  }
  const ClientPorts& ports = *incident.client_ports;
  diagnosis.evidence.push_back(fmt::format("the kernel chooses the ports of connections{} from {} to {}{}{}",
                                           ports.netns_file.empty() ? "" : " in the program's network namespace",
                                           ports.first, ports.last, ports.reserved.empty() ? "" : ", but not ",
                                           ports.reserved));
  diagnosis.advice.push_back(fmt::format("keep the port from being chosen for connections: {} (and {})",
                                         reserving_command(ports, port), lasting_place(incident)));
}

// The kernel chose the port for a connect without a bind; what is left of one that has ended is another cause.
std::optional<Diagnosis> examine_client_port(const Facts& facts) {
  if (!facts.is_outgoing || !facts.principal || is_over(facts.principal->socket)) {
    return std::nullopt;
  }
  const Holder& holder = *facts.principal;
  const std::string peer = holder.socket.peer ? " to " + address_of(*holder.socket.peer) : "";
  Diagnosis diagnosis;
  diagnosis.cause = Cause::kClientPort;
  diagnosis.certainty = Certainty::kCertain;
  diagnosis.summary = fmt::format("an outgoing connection{}{} got it from the kernel as its own port", peer,
                                  holder.process ? " of " + label(*holder.process) : "");
  if (holder.process) {
    tell_how_seen(facts, holder, diagnosis);
  }
  explain_client_port(facts, diagnosis);
  diagnosis.advice.emplace_back("for now: end that connection, or start the program again when it has ended");
  return diagnosis;
}

}  // namespace bindtrace
