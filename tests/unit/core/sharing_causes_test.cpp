// SPDX-License-Identifier: Apache-2.0
#include "core/diagnosis.h"

#include <gtest/gtest.h>

#include "incidents.h"

namespace bindtrace {
namespace {

TEST(ConfigTestCause, GoesBeforeAllOthers) {
  Incident incident = nginx_restart();
  incident.victim.config_test = "nginx -t";
  expect_cause(incident, Cause::kConfigTest, Certainty::kCertain);
  EXPECT_TRUE(any_contains(diagnose(incident).evidence, "also: the previous instance")) << "but what there is is told";
}

TEST(ReuseportMismatch, IsOneSideWithoutIt) {
  Incident incident = nginx_restart();
  incident.failure.request.options.reuseport = true;
  expect_cause(incident, Cause::kReuseportMismatch, Certainty::kCertain);
  const Diagnosis diagnosis = diagnose(incident);
  EXPECT_EQ(diagnosis.summary,
            "nginx[1234] set SO_REUSEPORT, nginx[811] did not: a port is shared only if every side does");
  EXPECT_TRUE(any_contains(diagnosis.advice, "set SO_REUSEPORT before bind in nginx[811] too"));
  EXPECT_TRUE(any_contains(diagnosis.evidence, "also: the previous instance"));

  incident.failure.request.options.reuseport = false;
  incident.holders[0].socket.options.reuseport = true;
  EXPECT_TRUE(diagnose(incident).summary.starts_with("nginx[811] set SO_REUSEPORT, nginx[1234] did not"));
}

TEST(ReuseportMismatch, IsTwoUsers) {
  Incident incident = nginx_restart();
  incident.failure.request.options.reuseport = true;
  incident.holders[0].socket.options.reuseport = true;
  incident.failure.request.uid = 33;
  incident.holders[0].socket.uid = 0;
  expect_cause(incident, Cause::kReuseportMismatch, Certainty::kCertain);
  EXPECT_TRUE(
      any_contains(diagnose(incident).evidence, "nginx[1234] binds as uid 33, the socket of nginx[811] is uid"));
}

TEST(ReuseportMismatch, IsNoneWhereItWouldNotHaveHelped) {
  Incident incident = nginx_restart();
  incident.failure.request.options.reuseport = true;
  incident.failure.request.uid = 33;
  incident.holders[0].socket.uid = 0;
  EXPECT_NE(diagnose(incident).cause, Cause::kReuseportMismatch) << "another user's";
  EXPECT_NE(diagnose(nginx_restart()).cause, Cause::kReuseportMismatch) << "nobody asked for it";
}

Incident outgoing() {
  Incident incident = held_by(process(900, "curl", "/usr/bin/curl", 5));
  incident.failure.request.endpoint.port = 8080;
  incident.failure.bucket = Bucket{-1, -1, 0, false, std::nullopt};
  incident.holders[0].socket.state = SocketState::kEstablished;
  incident.holders[0].socket.peer = Endpoint{Transport::kTcp, ipv4(192, 0, 2, 1), 443};
  return incident;
}

TEST(ClientPort, IsAConnectionsOwn) {
  const Incident incident = outgoing();
  expect_cause(incident, Cause::kClientPort, Certainty::kCertain);
  const Diagnosis diagnosis = diagnose(incident);
  EXPECT_EQ(diagnosis.summary,
            "an outgoing connection to 192.0.2.1:443 of curl[900] got it from the kernel as its own port");
  EXPECT_TRUE(any_contains(diagnosis.advice, "add 8080 to net.ipv4.ip_local_reserved_ports in the network namespace"));
}

TEST(ClientPort, IsKeptFromBeingChosenByTheExactCommandWhereTheRangeIsKnown) {
  Incident incident = outgoing();
  incident.client_ports = ClientPorts{1024, 60999, "9000"};
  const Diagnosis diagnosis = diagnose(incident);
  EXPECT_TRUE(any_contains(diagnosis.evidence, "from 1024 to 60999, but not 9000"));
  EXPECT_TRUE(
      any_contains(diagnosis.advice, "sysctl -w net.ipv4.ip_local_reserved_ports=9000,8080 (and in /etc/sysctl.d)"));
}

TEST(ClientPort, OfAnotherNamespaceIsReservedThere) {
  Incident incident = outgoing();
  incident.client_ports = ClientPorts{1024, 60999, "9000", "/proc/900/ns/net"};
  const Diagnosis diagnosis = diagnose(incident);
  EXPECT_TRUE(any_contains(diagnosis.evidence, "in the program's network namespace from 1024 to 60999, but not 9000"));
  EXPECT_TRUE(any_contains(diagnosis.advice,
                           "nsenter --net=/proc/900/ns/net sysctl -w net.ipv4.ip_local_reserved_ports=9000,8080 (and "
                           "where that network namespace is made)"));

  incident.victim.place.container_runtime = "podman";
  EXPECT_TRUE(any_contains(diagnose(incident).advice, "8080 (and with --sysctl where the container is made)"));
}

TEST(ClientPort, IsNoCauseOnceTheConnectionIsOver) {
  Incident incident = outgoing();
  incident.holders = {holder(time_wait(12'000))};
  expect_cause(incident, Cause::kTimeWait, Certainty::kCertain);
}

}  // namespace
}  // namespace bindtrace
