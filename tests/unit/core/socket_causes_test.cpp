// SPDX-License-Identifier: Apache-2.0
#include "core/diagnosis.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "incidents.h"

namespace bindtrace {
namespace {

TEST(PortsExhausted, IsPortZeroWithoutAFreeOne) {
  Incident incident = bare_incident();
  incident.failure.request.endpoint.port = 0;
  expect_cause(incident, Cause::kPortsExhausted, Certainty::kCertain);
}

TEST(TimeWait, IsTheCauseWhenNothingElseOverlaps) {
  Incident incident = bare_incident();
  incident.holders = {holder(time_wait(12'000)), holder(time_wait(41'300))};
  expect_cause(incident, Cause::kTimeWait, Certainty::kCertain);
  const Diagnosis diagnosis = diagnose(incident);
  EXPECT_EQ(diagnosis.summary,
            "only closed connections in TIME_WAIT are left, the last is gone in 41 s, and SO_REUSEADDR is not set");
  EXPECT_TRUE(any_contains(diagnosis.advice, "set SO_REUSEADDR before bind in this program and in the one before it"));
}

TEST(TimeWait, AsksTheVictimAloneWhereTheOldConnectionsHaveSoReuseaddr) {
  Incident incident = bare_incident();
  incident.holders = {holder(time_wait(12'000))};
  incident.holders[0].socket.options.reuseaddr = true;
  EXPECT_TRUE(
      any_contains(diagnose(incident).advice, "set SO_REUSEADDR before bind in the program that starts: only old"));
}

TEST(TimeWait, BlamesTheOldConnectionsWhereTheVictimDidItsPart) {
  Incident incident = bare_incident();
  incident.failure.request.options.reuseaddr = true;
  incident.holders = {holder(time_wait(12'000))};
  const Diagnosis diagnosis = diagnose(incident);
  EXPECT_TRUE(diagnosis.summary.ends_with("and SO_REUSEADDR was not set on all of them"));
  EXPECT_TRUE(any_contains(diagnosis.advice, "in the program that had the port before"));
}

TEST(TimeWait, OfOutgoingConnectionsSpeaksOfNoListener) {
  Incident incident = bare_incident();
  incident.failure.request.options.reuseaddr = true;
  incident.failure.bucket = Bucket{-1, -1, 0, false, std::nullopt};
  incident.holders = {holder(time_wait(12'000))};
  expect_cause(incident, Cause::kTimeWait, Certainty::kCertain);
  const Diagnosis diagnosis = diagnose(incident);
  EXPECT_EQ(diagnosis.summary,
            "only closed outgoing connections in TIME_WAIT are left, the last is gone in 12 s, and SO_REUSEADDR "
            "was not set on all of them");
  EXPECT_FALSE(any_contains(diagnosis.advice, "SO_REUSEADDR"));
  EXPECT_TRUE(any_contains(diagnosis.advice, "net.ipv4.ip_local_reserved_ports"));
}

TEST(TimeWait, AdvisesNoOptionWhereBothSidesHaveIt) {
  Incident incident = bare_incident();
  incident.failure.request.options.reuseaddr = true;
  incident.holders = {holder(time_wait(12'000))};
  incident.holders[0].socket.options.reuseaddr = true;
  EXPECT_EQ(diagnose(incident).advice, std::vector<std::string>{"wait 12 s: the kernel drops them by itself"});
}

TEST(TimeWait, IsNotTheCauseBesideAListener) {
  Incident incident = nginx_restart();
  incident.holders.push_back(holder(time_wait(1000)));
  expect_cause(incident, Cause::kPreviousInstance, Certainty::kCertain);
}

TEST(TimeWait, IsOnlyLikelyWhenNotAllSocketsWereSeen) {
  Incident incident = bare_incident();
  incident.failure.sockets_cut = true;
  incident.holders = {holder(time_wait(1000))};
  expect_cause(incident, Cause::kTimeWait, Certainty::kLikely);
}

TEST(TimeWait, OfAllSocketsIsCertainAlthoughOnlyAFewAreInTheRecord) {
  Incident incident = bare_incident();
  incident.failure.sockets_cut = true;
  incident.failure.socket_count = 50;
  incident.failure.by_state = {{SocketState::kTimeWait, 50}};
  incident.holders = {holder(time_wait(1000)), holder(time_wait(1000))};
  expect_cause(incident, Cause::kTimeWait, Certainty::kCertain);
  EXPECT_TRUE(any_contains(diagnose(incident).evidence, "50 sockets in TIME_WAIT, no other is on the port"));
  EXPECT_TRUE(diagnose(incident).summary.starts_with(
      "only closed connections in TIME_WAIT are left, the last of 2 looked at is gone in 1.0 s"))
      << diagnose(incident).summary;
}

TEST(TimeWait, AmongSocketsThatWereNotSeenSaysOutOfHowMany) {
  Incident incident = bare_incident();
  incident.failure.sockets_cut = true;
  incident.failure.socket_count = 50;
  incident.failure.by_state = {{SocketState::kTimeWait, 40}, {SocketState::kFinWait1, 10}};
  incident.holders = {holder(time_wait(1000))};
  expect_cause(incident, Cause::kTimeWait, Certainty::kLikely);
  EXPECT_TRUE(any_contains(diagnose(incident).evidence, "1 socket in TIME_WAIT, out of 50 on the port"));
}

TEST(ClosingConnection, IsAnOrphanThatIsStillClosing) {
  Incident incident = bare_incident();
  HolderSocket orphan = listener();
  orphan.inode.reset();
  orphan.orphan = true;
  orphan.state = SocketState::kLastAck;
  incident.holders = {holder(orphan), holder(time_wait(1000))};
  expect_cause(incident, Cause::kClosingConnection, Certainty::kCertain);
  EXPECT_EQ(diagnose(incident).summary,
            "connections that no process has any more are still closing (LAST_ACK, TIME_WAIT)");
}

TEST(ClosingConnection, WithATimerSaysHowLong) {
  Incident incident = bare_incident();
  HolderSocket closing = time_wait(41'300);
  closing.state = SocketState::kFinWait2;
  closing.time_wait = false;
  closing.orphan = true;
  incident.holders = {holder(closing)};
  expect_cause(incident, Cause::kClosingConnection, Certainty::kCertain);
  EXPECT_TRUE(any_contains(diagnose(incident).advice, "wait 41 s: the kernel drops them by itself"));
  EXPECT_FALSE(any_contains(diagnose(incident).advice, "retransmissions"));
}

TEST(ClosingConnection, AConnectionThatIsNotAcceptedYetIsNone) {
  Incident incident = bare_incident();
  HolderSocket waiting = listener();
  waiting.inode.reset();
  waiting.orphan = true;
  waiting.state = SocketState::kEstablished;
  incident.holders = {holder(waiting)};
  expect_cause(incident, Cause::kUnknown, Certainty::kUnknown);
}

TEST(ClosingConnection, AConnectionThatAProcessStillHasIsNone) {
  Incident incident = bare_incident();
  HolderSocket closing = listener();
  closing.state = SocketState::kCloseWait;
  incident.holders = {holder(closing, process(900, "apache2", "/usr/sbin/apache2", kSecond))};
  expect_cause(incident, Cause::kOtherProgram, Certainty::kCertain);
}

TEST(KernelSocket, HasNoProcess) {
  Incident incident = bare_incident();
  HolderSocket kernel = listener();
  kernel.kernel_socket = true;
  incident.holders = {holder(kernel)};
  incident.holders[0].blocking = true;
  expect_cause(incident, Cause::kKernelSocket, Certainty::kCertain);
  EXPECT_TRUE(any_contains(diagnose(incident).advice, "look for a kernel service on that port"));
}

TEST(KernelSocket, OnAUsualPortIsNotSaidToBeThatService) {
  Incident incident = bare_incident();
  HolderSocket kernel = listener();
  kernel.kernel_socket = true;
  kernel.local = {Transport::kUdp, ipv4(0, 0, 0, 0), 4789};
  incident.holders = {holder(kernel)};
  EXPECT_EQ(diagnose(incident).summary, "the kernel itself holds it; no process does");
  EXPECT_TRUE(any_contains(diagnose(incident).evidence,
                           "udp 4789 is the usual port of VXLAN; whether it is that is not established"));
  EXPECT_TRUE(any_contains(diagnose(incident).advice, "ip -d link show type vxlan"));
  incident.holders[0].socket.local.transport = Transport::kTcp;
  EXPECT_FALSE(any_contains(diagnose(incident).evidence, "VXLAN"));
}

}  // namespace
}  // namespace bindtrace
