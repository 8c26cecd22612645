// SPDX-License-Identifier: Apache-2.0
#include "core/diagnosis.h"

#include <array>
#include <optional>
#include <utility>

#include "core/causes.h"

namespace bindtrace {
namespace {

// In order of precedence; a new cause is a new entry.
constexpr std::array kCauses{
    Examine{examine_config_test}, examine_port_probe,         examine_ports_exhausted,  examine_stale_socket_file,
    examine_same_process,         examine_kernel_socket,      examine_socket_unit,      examine_container_port,
    examine_inherited_socket,     examine_reuseport_mismatch, examine_client_port,      examine_time_wait,
    examine_closing_connection,   examine_previous_instance,  examine_another_instance, examine_other_program,
};

}  // namespace

Diagnosis diagnose(const Incident& incident) {
  const Facts facts = facts_of(incident);
  std::optional<Diagnosis> diagnosis;
  for (const Examine examine : kCauses) {
    auto candidate = examine(facts);
    if (!candidate) {
      continue;
    }
    if (!diagnosis) {
      diagnosis = std::move(candidate);
    } else {
      diagnosis->evidence.push_back("also: " + candidate->summary);
    }
  }
  Diagnosis result = diagnosis ? *std::move(diagnosis) : unknown_cause(facts);
  if (const Holder* holder = facts.principal; holder != nullptr && holder->process && holder->stop) {
    result.told_to_stop = ToldToStop{holder->process->pid, *holder->stop};
  }
  return result;
}

}  // namespace bindtrace
