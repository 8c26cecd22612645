// SPDX-License-Identifier: Apache-2.0
// The causes, one examiner each: from facts to a diagnosis, or nothing where the cause does not fit.
#pragma once

#include <optional>

#include "core/facts.h"

namespace bindtrace {

using Examine = std::optional<Diagnosis> (*)(const Facts&);

std::optional<Diagnosis> examine_config_test(const Facts& facts);
std::optional<Diagnosis> examine_port_probe(const Facts& facts);
std::optional<Diagnosis> examine_ports_exhausted(const Facts& facts);
std::optional<Diagnosis> examine_stale_socket_file(const Facts& facts);
std::optional<Diagnosis> examine_same_process(const Facts& facts);
std::optional<Diagnosis> examine_kernel_socket(const Facts& facts);
std::optional<Diagnosis> examine_socket_unit(const Facts& facts);
std::optional<Diagnosis> examine_container_port(const Facts& facts);
std::optional<Diagnosis> examine_inherited_socket(const Facts& facts);
std::optional<Diagnosis> examine_reuseport_mismatch(const Facts& facts);
std::optional<Diagnosis> examine_client_port(const Facts& facts);
std::optional<Diagnosis> examine_time_wait(const Facts& facts);
std::optional<Diagnosis> examine_closing_connection(const Facts& facts);
std::optional<Diagnosis> examine_previous_instance(const Facts& facts);
std::optional<Diagnosis> examine_another_instance(const Facts& facts);
std::optional<Diagnosis> examine_other_program(const Facts& facts);

// Always fits; says which facts were missing.
Diagnosis unknown_cause(const Facts& facts);

}  // namespace bindtrace
