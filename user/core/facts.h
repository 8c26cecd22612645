// SPDX-License-Identifier: Apache-2.0
// What follows from an incident before any cause is named: who stands where towards whom.
#pragma once

#include <string>
#include <vector>

#include "core/incident.h"

namespace bindtrace {

enum class Place {
  kSameService,
  kSameContainer,
  kSamePod,
  kSameCgroup,  // the same scope or cgroup, which need not be one login; no service
  kDifferent,
  kUnknown,
};

struct Facts {
  const Incident& incident;
  std::vector<const Holder*> overlapping;  // all that could have refused, in the incident's order
  const Holder* principal = nullptr;       // the first of them that tells most; null: none
  bool blocker_is_sure = false;            // the principal's socket is one that did refuse
  const Holder* stand_in = nullptr;        // that has the principal's socket for somebody else; null: none known
  bool is_outgoing = false;                // only outgoing connections are on the port

  // These need a principal with a process.
  Sameness sameness = Sameness::kUnknown;
  Place place = Place::kUnknown;
  bool is_victim = false;  // the victim holds it itself
  bool is_family = false;  // parent, child, or children of one parent that lives
  bool is_older = false;   // started before the victim
  bool same_user = false;  // the same effective uid
};

Facts facts_of(const Incident& incident);

Place compare_places(const Process& a, const Process& b);

// "nginx.service", "container 0123456789ab", "session-3.scope"; empty: unknown.
std::string place_name(const Process& process);

// Why their Sameness is not known.
std::string missing_program_fact(const Process& victim, const Process& holder);

// "is listening", "has it bound": what the socket says its owner does.
std::string activity(const HolderSocket& socket);

}  // namespace bindtrace
