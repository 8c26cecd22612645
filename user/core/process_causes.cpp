// SPDX-License-Identifier: Apache-2.0
// Causes where a process holds the socket.
#include <cstdint>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/words.h"
#include "core/causes.h"
#include "core/evidence.h"

namespace bindtrace {
namespace {

const Process& holder_of(const Facts& facts) {
  return *facts.principal->process;
}

// One that has the socket on its own account.
bool has_other_holder(const Facts& facts) {
  return facts.principal && facts.principal->process && !facts.is_victim && facts.stand_in == nullptr;
}

std::string label_with_place(const Process& process) {
  const std::string place = place_name(process);
  return place.empty() ? label(process) : fmt::format("{} of {}", label(process), place);
}

// What tells two programs apart in a sentence: "api.py" and "debug.py", not both "python3".
std::string spoken_name(const Process& process) {
  const std::string name = program_name(process.program);
  if (name.empty() || !process.program.script) {
    return process.comm;
  }
  return name.starts_with('-') ? fmt::format("{} {}", process.comm, name) : name;
}

void tell_program(const Facts& facts, Diagnosis& diagnosis) {
  const Program& program = facts.incident.victim.program;
  if (facts.sameness == Sameness::kSame) {
    diagnosis.evidence.push_back("both run " + shown_program(program).value_or(program.name));
  } else if (facts.sameness == Sameness::kAlike) {
    diagnosis.evidence.push_back(
        fmt::format("both run {}, by its name; that it is the same file is not established", program_name(program)));
  }
}

bool may_be_same_program(const Facts& facts) {
  return facts.sameness == Sameness::kSame || facts.sameness == Sameness::kAlike;
}

void tell_age(const Facts& facts, Diagnosis& diagnosis) {
  const std::uint64_t victim = facts.incident.victim.start_boottime_ns;
  const std::uint64_t holder = holder_of(facts).start_boottime_ns;
  const std::uint64_t apart = victim > holder ? victim - holder : holder - victim;
  diagnosis.evidence.push_back(fmt::format("{} started {} {} {}", label(holder_of(facts)),
                                           humanised(static_cast<std::int64_t>(apart)),
                                           facts.is_older ? "before" : "after", label(facts.incident.victim)));
}

void tell_places(const Facts& facts, Diagnosis& diagnosis) {
  const Process& victim = facts.incident.victim;
  const Process& holder = holder_of(facts);
  switch (facts.place) {
    case Place::kSameService:
    case Place::kSameContainer:
      diagnosis.evidence.push_back("both belong to " + place_name(victim));
      break;
    case Place::kSamePod:
      diagnosis.evidence.push_back("both belong to pod " + victim.place.pod_uid.value_or(""));
      break;
    case Place::kSameCgroup:
      diagnosis.evidence.push_back(
          fmt::format("both are in {}, and in no service or container", victim.place.unit.value_or("the same cgroup")));
      break;
    case Place::kDifferent:
      diagnosis.evidence.push_back(fmt::format("{} and {} are in different units, containers or cgroups",
                                               label_with_place(holder), label_with_place(victim)));
      break;
    case Place::kUnknown:
      diagnosis.evidence.emplace_back("whether both belong to the same unit is not known");
      break;
  }
}

// An IPv6 wildcard without IPV6_V6ONLY takes IPv4 too, on whichever side it is. No other IPv6 address does.
bool ipv6_takes_ipv4(const Facts& facts) {
  const auto& wanted = facts.incident.failure.request.endpoint.address;
  const auto& held = facts.principal->socket.local.address;
  if (!wanted || !held || wanted->family == held->family) {
    return false;
  }
  return (wanted->family == Family::kIpv6 ? *wanted : *held).is_wildcard();
}

std::string family_words(const Facts& facts) {
  const Endpoint& held = facts.principal->socket.local;
  const std::string text = to_string(held.address, held.port);
  return held.address->family == Family::kIpv6
             ? fmt::format("the process itself holds {}, which takes IPv4 too", text)
             : fmt::format("the process itself holds {}, and the IPv6 address asked for takes IPv4 too", text);
}

bool same_address(const Facts& facts) {
  const auto& wanted = facts.incident.failure.request.endpoint.address;
  const auto& held = facts.principal->socket.local.address;
  return wanted && held ? without_mapping(*wanted) == without_mapping(*held) : wanted == held;
}

bool is_connection(const HolderSocket& socket) {
  const bool stream = socket.local.transport == Transport::kTcp || socket.local.transport == Transport::kMptcp;
  return stream && (socket.state == SocketState::kEstablished || socket.state == SocketState::kCloseWait);
}

// The words for "the previous instance", by what the two have in common.
std::string previous_instance_words(Place place) {
  switch (place) {
    case Place::kSameService:
      return "the previous instance of the same unit";
    case Place::kSameContainer:
      return "the previous instance in the same container";
    case Place::kSamePod:
      return "an older instance in the same pod";
    case Place::kSameCgroup:
    case Place::kDifferent:
    case Place::kUnknown:
      break;
  }
  return "an older instance of the same program";
}

std::string_view contested(const Facts& facts) {
  return is_ip(facts.incident.failure.request.endpoint.transport) ? "port" : "address";
}

constexpr std::int64_t kStaleMs = 3'600'000;  // who lives on for an hour did not take it for the end

// Nothing where it was not seen to be told.
std::string stop_words(const Facts& facts) {
  const auto& stop = facts.principal->stop;
  const bool told = stop && stop->ms_ago < kStaleMs;
  std::string words;
  if (told) {
    words = fmt::format("; it {} {} {} ago", stop->ignored ? "ignored" : "got", signal_name(stop->signal),
                        humanised(stop->ms_ago * kNsPerMs));
  }
  return holder_of(facts).exiting ? words + (told ? " and was exiting" : "; it was exiting") : words;
}

// Of the port, which may be shared by others at other addresses.
void tell_connections(const Facts& facts, Diagnosis& diagnosis) {
  for (const StateCount& entry : facts.incident.failure.by_state) {
    if (entry.state == SocketState::kEstablished && entry.count > 0) {
      diagnosis.evidence.push_back("the port still has " + counted(entry.count, "open connection"));
    }
  }
}

void advise_previous_instance(const Facts& facts, Diagnosis& diagnosis) {
  const Place place = facts.place;
  if (const auto& stop = facts.principal->stop; stop && stop->ignored) {
    diagnosis.advice.push_back(fmt::format("have {} handle {}, or stop it by another signal (KillSignal= in a unit)",
                                           spoken_name(holder_of(facts)), signal_name(stop->signal)));
  } else if (place == Place::kSameService) {
    diagnosis.advice.emplace_back("give it time to stop (TimeoutStopSec), or hand the socket over with a .socket unit");
  } else if (place == Place::kSameContainer || place == Place::kSamePod) {
    diagnosis.advice.emplace_back(
        "let the old instance end before the new one starts, and have it close its socket on SIGTERM");
  } else {
    diagnosis.advice.push_back(fmt::format(
        "stop the older instance first and wait until it has ended, or give the new one another {}", contested(facts)));
  }
}

std::string kinship(const Process& victim, const Process& holder) {
  if (victim.parent_pid == holder.pid) {
    return "its own parent";
  }
  return holder.parent_pid == victim.pid
             ? "its own child"
             : fmt::format("another child of its parent {}[{}]", victim.parent_comm, victim.parent_pid.value_or(0));
}

// Same program, not the victim itself, nor one of its own family, older, and from the same place. What shares no more
// than a cgroup may be anybody's: there it must be the same user's too.
bool is_previous_instance(const Facts& facts) {
  const bool same_place = facts.place != Place::kDifferent && facts.place != Place::kUnknown &&
                          (facts.place != Place::kSameCgroup || facts.same_user);
  return has_other_holder(facts) && may_be_same_program(facts) && same_place && facts.is_older && !facts.is_family;
}

}  // namespace

// What a stand-in has handed to the process is no second socket of its own making.
std::optional<Diagnosis> examine_same_process(const Facts& facts) {
  const bool handed_over = facts.stand_in && !same_process(*facts.stand_in->process, facts.incident.victim);
  if (!facts.principal || !facts.principal->process || !facts.is_victim || handed_over) {
    return std::nullopt;
  }
  const std::string held = address_of(facts.principal->socket.local);
  Diagnosis diagnosis;
  diagnosis.cause = Cause::kSameProcess;
  diagnosis.certainty = certain_if(facts.blocker_is_sure);
  if (is_connection(facts.principal->socket)) {
    diagnosis.summary =
        fmt::format("the process itself has a connection at {} ({})", held, to_string(facts.principal->socket.state));
    diagnosis.advice.emplace_back(
        "close it before bind, or set SO_REUSEADDR before each bind of the address; if it was inherited, have it "
        "opened with SOCK_CLOEXEC");
  } else if (same_address(facts)) {
    diagnosis.summary = "the process holds that address itself, with another socket";
    diagnosis.advice.emplace_back(
        "bind it once: look for the address twice in its configuration, or for a socket that is opened again without "
        "closing the first");
  } else if (ipv6_takes_ipv4(facts)) {
    diagnosis.summary = family_words(facts);
    diagnosis.advice.emplace_back(
        "set IPV6_V6ONLY on the IPv6 socket before bind, or bind [::] alone: it takes IPv4 too");
  } else {
    diagnosis.summary = fmt::format("the process itself holds {}, which overlaps", held);
    diagnosis.advice.emplace_back("bind either the wildcard address or the single one, not both");
  }
  tell_how_seen(facts, *facts.principal, diagnosis);
  return diagnosis;
}

std::optional<Diagnosis> examine_inherited_socket(const Facts& facts) {
  if (!has_other_holder(facts) || !facts.principal->bound_by) {
    return std::nullopt;
  }
  const BoundBy& binder = *facts.principal->bound_by;
  const Process& heir = holder_of(facts);
  if (binder.alive != false || same_process(heir, binder)) {
    return std::nullopt;
  }
  Diagnosis diagnosis;
  diagnosis.cause = Cause::kInheritedSocket;
  diagnosis.certainty = certain_if(facts.blocker_is_sure && binder.ms_ago);
  diagnosis.summary = fmt::format("{}, which {}, is gone, but {} inherited the socket and {}", label(binder),
                                  binder.ms_ago ? "bound it" : "had it when bindtrace started", label(heir),
                                  activity(facts.principal->socket));
  diagnosis.advice.push_back(
      binder.comm == heir.comm
          ? fmt::format("stop {} first: it is the service itself, gone to the background, or a child that its end left "
                        "over (KillMode=control-group)",
                        label(heir))
          : "open sockets with SOCK_CLOEXEC, or make the old service end its children too (KillMode=control-group)");
  tell_how_seen(facts, *facts.principal, diagnosis);
  return diagnosis;
}

std::optional<Diagnosis> examine_previous_instance(const Facts& facts) {
  if (!is_previous_instance(facts)) {
    return std::nullopt;
  }
  const bool strong_place = facts.place == Place::kSameService || facts.place == Place::kSameContainer;
  Diagnosis diagnosis;
  diagnosis.cause = Cause::kPreviousInstance;
  diagnosis.certainty = certain_if(facts.blocker_is_sure && facts.sameness == Sameness::kSame && strong_place);
  const std::string words = activity(facts.principal->socket);
  diagnosis.summary =
      previous_instance_words(facts.place) + (words == "is listening" ? " is still listening" : " still " + words);
  diagnosis.summary += stop_words(facts);
  advise_previous_instance(facts, diagnosis);
  tell_how_seen(facts, *facts.principal, diagnosis);
  if (facts.principal->stop_known && !facts.principal->stop) {
    diagnosis.evidence.push_back("no signal was seen that tells " + label(holder_of(facts)) + " to stop");
  }
  tell_connections(facts, diagnosis);
  tell_program(facts, diagnosis);
  tell_places(facts, diagnosis);
  tell_age(facts, diagnosis);
  return diagnosis;
}

std::optional<Diagnosis> examine_another_instance(const Facts& facts) {
  if (!has_other_holder(facts) || !may_be_same_program(facts) || is_previous_instance(facts)) {
    return std::nullopt;
  }
  const Process& holder = holder_of(facts);
  Diagnosis diagnosis;
  diagnosis.cause = Cause::kAnotherInstance;
  diagnosis.certainty =
      certain_if(facts.blocker_is_sure && facts.sameness == Sameness::kSame && facts.place != Place::kUnknown);
  if (facts.is_family) {
    diagnosis.summary = fmt::format("{}, {}, {}", label(holder), kinship(facts.incident.victim, holder),
                                    activity(facts.principal->socket));
    diagnosis.advice.emplace_back(
        "bind in one process and let the others inherit the socket, or set SO_REUSEPORT in all of them; if one is to "
        "replace the other, start it when the first has ended");
  } else {
    diagnosis.summary = fmt::format("another instance of the same program, {}, {}", label_with_place(holder),
                                    activity(facts.principal->socket));
    diagnosis.advice.emplace_back("give each instance an address of its own, or stop the one that is not wanted");
  }
  tell_how_seen(facts, *facts.principal, diagnosis);
  tell_program(facts, diagnosis);
  tell_places(facts, diagnosis);
  tell_age(facts, diagnosis);
  return diagnosis;
}

std::optional<Diagnosis> examine_other_program(const Facts& facts) {
  const bool other_place = facts.sameness == Sameness::kUnknown && facts.place == Place::kDifferent;
  if (!has_other_holder(facts) || (facts.sameness != Sameness::kDifferent && !other_place)) {
    return std::nullopt;
  }
  const Process& holder = holder_of(facts);
  Diagnosis diagnosis;
  diagnosis.cause = Cause::kOtherProgram;
  diagnosis.certainty = certain_if(facts.blocker_is_sure && facts.sameness == Sameness::kDifferent);
  const std::string words = activity(facts.principal->socket);
  diagnosis.summary =
      facts.sameness == Sameness::kDifferent
          ? fmt::format("another program, {}, {}", label_with_place(holder), words)
          : fmt::format("{}, of another unit, container or cgroup, {}", label_with_place(holder), words);
  diagnosis.advice.push_back(fmt::format("decide which of the two owns the {}; move {} or {} to another one",
                                         contested(facts), spoken_name(holder), spoken_name(facts.incident.victim)));
  tell_how_seen(facts, *facts.principal, diagnosis);
  if (facts.sameness == Sameness::kDifferent) {
    const Program& wanted = facts.incident.victim.program;
    diagnosis.evidence.push_back(fmt::format(
        "{} runs {}, {} runs {}", label(holder), shown_program(holder.program).value_or(holder.program.name),
        label(facts.incident.victim), shown_program(wanted).value_or(wanted.name)));
  } else {
    diagnosis.evidence.push_back("whether it is the same program is not known: " +
                                 missing_program_fact(facts.incident.victim, holder));
  }
  tell_places(facts, diagnosis);
  return diagnosis;
}

}  // namespace bindtrace
