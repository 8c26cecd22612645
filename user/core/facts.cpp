// SPDX-License-Identifier: Apache-2.0
#include "core/facts.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <fmt/format.h>

namespace bindtrace {
namespace {

// Not by the number of a cgroup whose names are not known.
bool place_is_known(const Process& process) {
  return process.cgroup || process.place.unit || process.place.container_id;
}

Place unless_unknown(Place place, const Process& a, const Process& b) {
  return place_is_known(a) && place_is_known(b) ? place : Place::kUnknown;
}

bool same_unit(const CgroupIdentity& a, const CgroupIdentity& b) {
  return a.unit && a.unit == b.unit && a.user_manager_uid == b.user_manager_uid;
}

bool same_cgroup(const Process& a, const Process& b) {
  return (a.cgroup_id && a.cgroup_id == b.cgroup_id) || (a.cgroup && a.cgroup == b.cgroup);
}

Place compare_containers(const Process& a, const Process& b) {
  if (a.place.container_id == b.place.container_id) {
    const bool two_services = a.place.has_service() && b.place.has_service() && !same_unit(a.place, b.place);
    return two_services ? Place::kDifferent : Place::kSameContainer;
  }
  if (a.place.pod_uid && a.place.pod_uid == b.place.pod_uid) {
    return Place::kSamePod;
  }
  return unless_unknown(Place::kDifferent, a, b);
}

// A listener refuses whatever SO_REUSEADDR says (inet_csk_bind_conflict), unless both sides share the
// port by SO_REUSEPORT.
bool refuses_for_sure(const Holder& holder, const Request& request) {
  if (holder.blocking == true) {
    return true;
  }
  const bool both_reuseport = holder.socket.options.reuseport && request.options.reuseport;
  return holder.socket.overlaps && holder.socket.state == SocketState::kListen && !both_reuseport;
}

bool is_service_manager(std::uint32_t pid, std::string_view comm) {
  return pid == 1 || comm == "systemd";
}

// Two children of one living parent are siblings. Service managers start the next instance themselves, and so does
// whoever sits at a shell.
bool is_family(const Process& victim, const Process& holder, Place place) {
  if (victim.parent_pid == holder.pid || holder.parent_pid == victim.pid) {
    return true;
  }
  if (!victim.parent_pid || victim.parent_pid != holder.parent_pid ||
      is_service_manager(*victim.parent_pid, victim.parent_comm)) {
    return false;
  }
  return place == Place::kSameService || place == Place::kSameContainer || place == Place::kSamePod ||
         (victim.parent_comm == victim.comm && holder.comm == victim.comm);
}

// What a path or a name is worth depends on the place. Containers have files of their own under one path, but a new
// container of a pod has those of the old one; in one unit or container, releases get directories of their own.
Sameness compare_programs(const Process& victim, const Process& holder, Place place) {
  const Sameness sameness = compare(victim.program, holder.program);
  const bool one_root = victim.place.container_id == holder.place.container_id || place == Place::kSamePod;
  const bool one_owner = place == Place::kSameService || place == Place::kSameContainer;
  switch (sameness) {
    case Sameness::kSame:
      return one_root || !victim.program.interpreter ? sameness : Sameness::kUnknown;
    case Sameness::kAlike:
      return one_root ? sameness : Sameness::kUnknown;
    case Sameness::kNamesake:
      return one_owner ? Sameness::kAlike : Sameness::kUnknown;
    case Sameness::kDifferent:
    case Sameness::kUnknown:
      break;
  }
  return sameness;
}

std::string missing_script(const Process& process) {
  return fmt::format("the script that {} runs is not known", label(process));
}

}  // namespace

Place compare_places(const Process& a, const Process& b) {
  if (a.place.container_id || b.place.container_id) {
    return compare_containers(a, b);
  }
  if (a.place.has_service() && b.place.has_service()) {
    return same_unit(a.place, b.place) ? Place::kSameService : Place::kDifferent;
  }
  if (a.place.has_service() || b.place.has_service()) {
    return unless_unknown(Place::kDifferent, a, b);
  }
  if (same_unit(a.place, b.place) || same_cgroup(a, b)) {
    return Place::kSameCgroup;
  }
  return unless_unknown(Place::kDifferent, a, b);
}

std::string place_name(const Process& process) {
  const CgroupIdentity& place = process.place;
  if (place.has_service()) {
    return *place.unit;
  }
  if (place.container_id) {
    return "container " + short_container_id(*place.container_id);
  }
  return place.unit.value_or("");
}

std::string activity(const HolderSocket& socket) {
  if (!is_connection_oriented(socket.local.transport) && socket.state != SocketState::kListen) {
    return "has it bound";
  }
  switch (socket.state) {
    case SocketState::kListen:
      return "is listening";
    case SocketState::kClose:
    case SocketState::kBoundInactive:
      return "has it bound without listening";
    case SocketState::kEstablished:
      return "has a connection on it";
    case SocketState::kUnknown:
    case SocketState::kSynSent:
    case SocketState::kSynRecv:
    case SocketState::kFinWait1:
    case SocketState::kFinWait2:
    case SocketState::kTimeWait:
    case SocketState::kCloseWait:
    case SocketState::kLastAck:
    case SocketState::kClosing:
    case SocketState::kNewSynRecv:
      break;
  }
  return fmt::format("has a socket in state {} on it", to_string(socket.state));
}

std::string missing_program_fact(const Process& victim, const Process& holder) {
  if (victim.program.interpreter && !victim.program.script) {
    return missing_script(victim);
  }
  if (holder.program.interpreter && !holder.program.script) {
    return missing_script(holder);
  }
  if (victim.program.name.empty() || holder.program.name.empty()) {
    return fmt::format("the executable of {} is not known", label(holder.program.name.empty() ? holder : victim));
  }
  return fmt::format("both run {}, by its name; that it is the same file is not established",
                     program_name(victim.program));
}

Facts facts_of(const Incident& incident) {
  Facts facts{incident, {}};
  for (const Holder& holder : incident.holders) {
    if (holder.socket.overlaps) {
      facts.overlapping.push_back(&holder);
    }
  }
  if (facts.overlapping.empty()) {
    return facts;
  }
  // A connect without a bind marks the bucket so (__inet_hash_connect); a listener takes the mark away.
  facts.is_outgoing = incident.failure.bucket && incident.failure.bucket->fastreuse < 0;
  // The incident's order puts what blocks first; the victim among several owners of that socket says most.
  facts.principal = facts.overlapping.front();
  for (const Holder* holder : facts.overlapping) {
    const bool same_socket = holder->socket.inode && holder->socket.inode == facts.principal->socket.inode;
    if (same_socket && holder->process && same_process(*holder->process, incident.victim)) {
      facts.principal = holder;
    }
    if (holder->on_behalf && !facts.stand_in && (same_socket || holder == facts.overlapping.front())) {
      facts.stand_in = holder;
    }
  }
  facts.blocker_is_sure = refuses_for_sure(*facts.principal, incident.failure.request);
  if (facts.principal->process) {
    const Process& holder = *facts.principal->process;
    const Process& victim = incident.victim;
    facts.place = compare_places(victim, holder);
    facts.sameness = compare_programs(victim, holder, facts.place);
    facts.is_victim = same_process(victim, holder);
    facts.is_family = is_family(victim, holder, facts.place);
    facts.same_user = holder.uid == victim.uid;
    facts.is_older = holder.start_boottime_ns < victim.start_boottime_ns;
  }
  return facts;
}

}  // namespace bindtrace
