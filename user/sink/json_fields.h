// SPDX-License-Identifier: Apache-2.0
// The parts of the JSON records that describe processes, sockets and the machine.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "core/event.h"

namespace bindtrace {

using Json = nlohmann::ordered_json;

// Valid UTF-8; null for the empty string.
Json json_text(const std::string& text);
Json json_text(const std::optional<std::string>& text);

// network.*
void add_network(const Endpoint& wanted, Json& record);

// process.*, container.*, k8s.*
void add_process(const Process& of, const BootClock& clock, Json& record);
// The same of the victim, with its thread.
void add_victim(const Incident& incident, Json& record);

// Of bindtrace.* what describes the request and the port.
void add_request(const Incident& incident, Json& own);

// bindtrace.holders[], and how the search for them went.
void add_holders(const Incident& incident, Json& own);

// Of bindtrace.holders the one that is told where there is room for one: the first that blocks, else the first; null:
// there is none.
const Json* main_holder(const Json& own);

// bindtrace.stop: how the holder was told to stop.
void add_stop(const Diagnosis& diagnosis, Json& own);

// host.*, os.version, service.version, bindtrace.boot_id; all null where `host` is.
void add_host(const HostFacts* host, Json& record);

}  // namespace bindtrace
