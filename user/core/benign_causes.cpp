// SPDX-License-Identifier: Apache-2.0
// Causes that are no trouble.
#include <fmt/format.h>

#include "core/causes.h"

namespace bindtrace {

std::optional<Diagnosis> examine_config_test(const Facts& facts) {
  const Process& victim = facts.incident.victim;
  if (!victim.config_test) {
    return std::nullopt;
  }
  Diagnosis diagnosis;
  diagnosis.cause = Cause::kConfigTest;
  diagnosis.certainty = Certainty::kCertain;
  diagnosis.summary = *victim.config_test + " only tests its configuration, and does not mind that the port is in use";
  diagnosis.evidence.push_back(fmt::format("the arguments of {} ask for the test", label(victim)));
  diagnosis.advice.emplace_back("nothing: beside the running server that is expected");
  return diagnosis;
}

std::optional<Diagnosis> examine_port_probe(const Facts& facts) {
  const Failure& failure = facts.incident.failure;
  if (!failure.probing) {
    return std::nullopt;
  }
  const bool netlink = failure.request.endpoint.transport == Transport::kNetlink;
  Diagnosis diagnosis;
  diagnosis.cause = Cause::kPortProbe;
  diagnosis.certainty = Certainty::kLikely;
  diagnosis.summary = netlink ? "it tries one port id after another until one is free"
                              : "it tries one port after another until one is free";
  diagnosis.evidence.push_back(fmt::format(
      "the thread's last refusals, at least four in a row, were each of another {}", netlink ? "port id" : "port"));
  diagnosis.advice.emplace_back("nothing, unless it finds none: libraries that want any free port do so");
  return diagnosis;
}

}  // namespace bindtrace
