// SPDX-License-Identifier: Apache-2.0
// Incidents to start from: tests change what they are about. And what tests ask of their diagnosis.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/incident.h"

namespace bindtrace {

inline constexpr std::uint64_t kSecond = 1'000'000'000;

// The failure is 100,000 s after boot; the wall clock then shows 2026-11-22 11:20:01.123456789 UTC.
inline constexpr std::uint64_t kFailureTime = 100'000 * kSecond;
inline constexpr std::int64_t kFailureUnixNs = 1'795'346'401'123'456'789;

IpAddress ipv4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d);
IpAddress ipv6_any();

// Started `age` before the failure.
Process process(std::uint32_t pid, std::string_view comm, std::string_view executable, std::uint64_t age_ns);

// /usr/bin/python3 with a script, or whatever argv says; started a second before the failure.
Process python(std::uint32_t pid, const std::vector<std::string>& argv);

// Listens on 0.0.0.0:80, with an inode, and overlaps.
HolderSocket listener();
// A TIME_WAIT socket of 10.0.0.1:80 that overlaps.
HolderSocket time_wait(std::uint32_t ms_left);

Holder holder(const HolderSocket& socket, Process process);
Holder holder(const HolderSocket& socket);

// nginx[1234] wanted tcp 0.0.0.0:80; no socket, no holder, no diagnosis.
Incident bare_incident();

// The same, held by nginx[811]; both of nginx.service.
Incident nginx_restart();

// bare_incident(), held by `other`, of no unit either.
Incident held_by(Process other);

// bare_incident(), held by systemd for app.socket, which starts app.service.
Incident held_by_socket_unit();

// bare_incident(), held by conmon[812] for the podman container aaaaaaaaaaaa... named web.
Incident held_by_conmon();

std::shared_ptr<const HostFacts> test_host();

void expect_cause(const Incident& incident, Cause cause, Certainty certainty);
bool any_contains(const std::vector<std::string>& sentences, std::string_view words);

}  // namespace bindtrace
