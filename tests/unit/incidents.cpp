// SPDX-License-Identifier: Apache-2.0
#include "incidents.h"

#include <algorithm>
#include <functional>
#include <utility>

#include <gtest/gtest.h>

#include "core/diagnosis.h"

namespace bindtrace {
namespace {

constexpr std::uint64_t kListenerInode = 9001;

}  // namespace

IpAddress ipv4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
  return IpAddress{Family::kIpv4, {a, b, c, d}};
}

IpAddress ipv6_any() {
  return IpAddress{Family::kIpv6, {}};
}

Process process(std::uint32_t pid, std::string_view comm, std::string_view executable, std::uint64_t age_ns) {
  Process process;
  process.pid = pid;
  process.start_boottime_ns = kFailureTime - age_ns;
  process.comm = comm;
  const FileId file{std::hash<std::string_view>{}(executable), 1};
  process.program = program_of(std::string(executable), {}, file, {}, std::nullopt);
  process.parent_pid = 1;
  process.parent_comm = "systemd";
  process.alive = true;
  return process;
}

Process python(std::uint32_t pid, const std::vector<std::string>& argv) {
  Process python = process(pid, "python3", "/usr/bin/python3", kSecond);
  python.program = program_of("/usr/bin/python3", {}, FileId{7, 1}, argv, std::nullopt);
  return python;
}

HolderSocket listener() {
  HolderSocket socket;
  socket.state = SocketState::kListen;
  socket.local = {Transport::kTcp, ipv4(0, 0, 0, 0), 80};
  socket.options.reuseaddr = true;
  socket.inode = kListenerInode;
  socket.uid = 0;
  socket.overlaps = true;
  return socket;
}

HolderSocket time_wait(std::uint32_t ms_left) {
  HolderSocket socket;
  socket.state = SocketState::kTimeWait;
  socket.local = {Transport::kTcp, ipv4(10, 0, 0, 1), 80};
  socket.peer = Endpoint{Transport::kTcp, ipv4(10, 0, 0, 9), 51514};
  socket.time_wait = true;
  socket.time_wait_ms_left = ms_left;
  socket.overlaps = true;
  return socket;
}

Holder holder(const HolderSocket& socket, Process process) {
  Holder holder;
  holder.socket = socket;
  holder.process = std::move(process);
  holder.fds = {6};
  holder.source = HolderSource::kKernelAtFailure;
  holder.blocking = true;
  return holder;
}

Holder holder(const HolderSocket& socket) {
  Holder holder;
  holder.socket = socket;
  return holder;
}

Incident bare_incident() {
  Incident incident;
  incident.failure.head = {{kFailureTime, (std::uint64_t{1234} << 32U) | 1234U}, 1};
  incident.failure.tid = 1234;
  incident.failure.request.endpoint = {Transport::kTcp, ipv4(0, 0, 0, 0), 80};
  incident.failure.request.entry = Entry::kSyscall;
  incident.failure.request.inode = 9100;
  incident.failure.request.netns = 4026531840;
  incident.failure.walked = true;
  incident.victim = process(1234, "nginx", "/usr/sbin/nginx", kSecond / 8);
  incident.tier = "fexit";
  incident.host = test_host();
  incident.clock = BootClock({kFailureTime, kFailureUnixNs});
  incident.observed_boottime_ns = kFailureTime + 412'000;
  return incident;
}

Incident nginx_restart() {
  Incident incident = bare_incident();
  incident.victim.place.unit = "nginx.service";
  incident.victim.cgroup = "/system.slice/nginx.service";
  incident.holders = {holder(listener(), process(811, "nginx", "/usr/sbin/nginx", 22 * 60UL * kSecond))};
  incident.holders[0].process->place.unit = "nginx.service";
  incident.failure.socket_count = 1;
  incident.failure.by_state = {{SocketState::kListen, 1}};
  incident.holder_status = HolderStatus::kFound;
  return incident;
}

std::shared_ptr<const HostFacts> test_host() {
  return std::make_shared<const HostFacts>(HostFacts{"web1", "0123456789abcdef0123456789abcdef",
                                                     "6a1f9a3e-0000-4000-8000-000000000001", "6.1.0-test", "0.1.0"});
}

Incident held_by(Process other) {
  Incident incident = bare_incident();
  incident.holders = {holder(listener(), std::move(other))};
  return incident;
}

Incident held_by_socket_unit() {
  Incident incident = held_by(process(1, "systemd", "/usr/lib/systemd/systemd", kFailureTime));
  incident.holders[0].on_behalf = OnBehalf{.unit = "app.socket",
                                           .service = "app.service",
                                           .evidence = {"/etc/systemd/system/app.socket has ListenStream=80"}};
  incident.holder_status = HolderStatus::kFound;
  return incident;
}

Incident held_by_conmon() {
  Incident incident = held_by(process(812, "conmon", "/usr/bin/conmon", 60 * kSecond));
  incident.holders[0].on_behalf = OnBehalf{.stand_in = StandIn::kConmon,
                                           .container_id = std::string(64, 'a'),
                                           .container_name = "web",
                                           .container_runtime = "podman",
                                           .evidence = {"the command line of conmon[812] names the container"}};
  incident.holder_status = HolderStatus::kFound;
  return incident;
}

void expect_cause(const Incident& incident, Cause cause, Certainty certainty) {
  const Diagnosis diagnosis = diagnose(incident);
  EXPECT_EQ(to_string(diagnosis.cause), to_string(cause)) << diagnosis.summary;
  EXPECT_EQ(to_string(diagnosis.certainty), to_string(certainty)) << diagnosis.summary;
}

bool any_contains(const std::vector<std::string>& sentences, std::string_view words) {
  return std::any_of(sentences.begin(), sentences.end(),
                     [&](const std::string& sentence) { return sentence.find(words) != std::string::npos; });
}

}  // namespace bindtrace
