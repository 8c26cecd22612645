// SPDX-License-Identifier: Apache-2.0
#include "core/diagnosis.h"

#include <string>

#include <gtest/gtest.h>

#include "incidents.h"

namespace bindtrace {
namespace {

TEST(OtherProgram, HoldsThePort) {
  const Incident incident = held_by(process(900, "apache2", "/usr/sbin/apache2", kSecond));
  expect_cause(incident, Cause::kOtherProgram, Certainty::kCertain);
  const Diagnosis diagnosis = diagnose(incident);
  EXPECT_EQ(diagnosis.summary, "another program, apache2[900], is listening");
  EXPECT_TRUE(
      any_contains(diagnosis.evidence, "apache2[900] runs /usr/sbin/apache2, nginx[1234] runs /usr/sbin/nginx"));
}

TEST(OtherProgram, IsAnotherScriptOfTheSameInterpreter) {
  Incident incident = held_by(python(900, {"python3", "/a.py"}));
  incident.victim = python(1234, {"python3", "/b.py"});
  expect_cause(incident, Cause::kOtherProgram, Certainty::kCertain);
  EXPECT_TRUE(any_contains(diagnose(incident).advice, "move a.py or b.py to another one"));
  incident.victim = python(1234, {"python3", "-m", "http.server"});
  EXPECT_TRUE(any_contains(diagnose(incident).advice, "move a.py or python3 -m http.server to another one"));
}

TEST(OtherProgram, OnePathInTwoContainersIsNotSaidToBeTheSame) {
  Incident incident = nginx_restart();
  incident.victim.place = {{}, {}, std::string(64, 'a'), "docker", {}};
  incident.holders[0].process->place = {{}, {}, std::string(64, 'b'), "docker", {}};
  incident.holders[0].process->program.file->inode += 1;
  expect_cause(incident, Cause::kOtherProgram, Certainty::kLikely);
  EXPECT_EQ(diagnose(incident).summary,
            "nginx[811] of container bbbbbbbbbbbb, of another unit, container or cgroup, is listening");
  incident.holders[0].process->program.file = incident.victim.program.file;
  expect_cause(incident, Cause::kAnotherInstance, Certainty::kCertain);
}

TEST(OtherProgram, OneScriptPathInTwoContainersIsNotSaidToBeTheSame) {
  Incident incident = held_by(python(900, {"python3", "/app/server.py"}));
  incident.victim = python(1234, {"python3", "/app/server.py"});
  incident.victim.place = {{}, {}, std::string(64, 'a'), "docker", {}};
  incident.holders[0].process->place = {{}, {}, std::string(64, 'b'), "docker", {}};
  expect_cause(incident, Cause::kOtherProgram, Certainty::kLikely);
}

TEST(OtherProgram, IsLikelyWhereOnlyTheUnitsAreKnownToDiffer) {
  Incident incident = held_by(python(900, {}));
  incident.victim = python(1234, {"python3", "/b.py"});
  incident.victim.place.unit = "b.service";
  incident.holders[0].process->place.unit = "a.service";
  expect_cause(incident, Cause::kOtherProgram, Certainty::kLikely);
  EXPECT_EQ(diagnose(incident).summary,
            "python3[900] of a.service, of another unit, container or cgroup, is listening");
  EXPECT_TRUE(any_contains(diagnose(incident).evidence, "the script that python3[900] runs is not known"));
}

TEST(SameProcess, HoldsTheAddressItself) {
  Incident incident = bare_incident();
  incident.holders = {holder(listener(), incident.victim)};
  expect_cause(incident, Cause::kSameProcess, Certainty::kCertain);
  EXPECT_EQ(diagnose(incident).summary, "the process holds that address itself, with another socket");
}

TEST(SameProcess, HoldsTheWildcardOfTheOtherFamily) {
  Incident incident = bare_incident();
  incident.holders = {holder(listener(), incident.victim)};
  incident.holders[0].socket.local.address = ipv6_any();
  EXPECT_EQ(diagnose(incident).summary, "the process itself holds [::]:80, which takes IPv4 too");
  EXPECT_TRUE(any_contains(diagnose(incident).advice, "IPV6_V6ONLY"));
  incident.holders[0].socket.local.address = ipv4(0, 0, 0, 0);
  incident.failure.request.endpoint.address = ipv6_any();
  EXPECT_EQ(diagnose(incident).summary,
            "the process itself holds 0.0.0.0:80, and the IPv6 address asked for takes IPv4 too");
}

TEST(SameProcess, HoldsTheWildcardThatCoversTheAddress) {
  Incident incident = bare_incident();
  incident.failure.request.endpoint.address = ipv4(127, 0, 0, 1);
  incident.holders = {holder(listener(), incident.victim)};
  EXPECT_EQ(diagnose(incident).summary, "the process itself holds 0.0.0.0:80, which overlaps");
}

TEST(SameProcess, HoldsTheIpv4AddressThatIsAskedForInItsMappedForm) {
  Incident incident = bare_incident();
  incident.holders = {holder(listener(), incident.victim)};
  incident.holders[0].socket.local.address = ipv4(127, 0, 0, 1);
  incident.failure.request.endpoint.address =
      IpAddress{Family::kIpv6, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 127, 0, 0, 1}};
  EXPECT_EQ(diagnose(incident).summary, "the process holds that address itself, with another socket");
  EXPECT_FALSE(any_contains(diagnose(incident).advice, "IPV6_V6ONLY"));
}

TEST(SameProcess, HasAConnectionOnTheAddressAndNoSecondBind) {
  Incident incident = bare_incident();
  incident.holders = {holder(listener(), incident.victim)};
  incident.holders[0].socket.state = SocketState::kCloseWait;
  expect_cause(incident, Cause::kSameProcess, Certainty::kCertain);
  EXPECT_EQ(diagnose(incident).summary, "the process itself has a connection at 0.0.0.0:80 (CLOSE_WAIT)");
  EXPECT_FALSE(any_contains(diagnose(incident).advice, "in its configuration"));
}

TEST(SameProcess, IsFoundAmongSeveralOwnersOfTheSocket) {
  Incident incident = nginx_restart();
  incident.holders.push_back(holder(listener(), incident.victim));
  expect_cause(incident, Cause::kSameProcess, Certainty::kCertain);
}

TEST(SameProcess, AnEarlierProcessWithThatPidIsAnother) {
  Incident incident = bare_incident();
  incident.holders = {holder(listener(), process(1234, "nginx", "/usr/sbin/nginx", 9 * kSecond))};
  EXPECT_NE(diagnose(incident).cause, Cause::kSameProcess);
}

TEST(InheritedSocket, IsHeldByAnHeirOfADeadBinder) {
  Incident incident = held_by(process(78, "worker", "/usr/bin/worker", kSecond));
  incident.holders[0].bound_by = BoundBy{77, 5, "master", false, 1000};
  expect_cause(incident, Cause::kInheritedSocket, Certainty::kCertain);
  EXPECT_EQ(diagnose(incident).summary,
            "master[77], which bound it, is gone, but worker[78] inherited the socket and is listening");
}

TEST(InheritedSocket, IsLikelyWhereTheBindWasNotSeen) {
  Incident incident = held_by(process(78, "worker", "/usr/bin/worker", kSecond));
  incident.holders[0].bound_by = BoundBy{77, 5, "master", false, std::nullopt};
  expect_cause(incident, Cause::kInheritedSocket, Certainty::kLikely);
  EXPECT_EQ(diagnose(incident).summary,
            "master[77], which had it when bindtrace started, is gone, but worker[78] inherited the socket and is "
            "listening");
}

TEST(InheritedSocket, MayBeOfAServiceThatWentToTheBackground) {
  Incident incident = held_by(process(78, "worker", "/usr/bin/worker", kSecond));
  incident.holders[0].bound_by = BoundBy{77, 5, "worker", false, 1000};
  EXPECT_EQ(
      diagnose(incident).advice.at(0),
      "stop worker[78] first: it is the service itself, gone to the background, or a child that its end left over "
      "(KillMode=control-group)");
}

TEST(InheritedSocket, IsNotSaidWhileTheBinderLives) {
  Incident incident = held_by(process(78, "worker", "/usr/bin/worker", kSecond));
  incident.holders[0].bound_by = BoundBy{77, 5, "master", true, 1000};
  expect_cause(incident, Cause::kOtherProgram, Certainty::kCertain);
}

TEST(InheritedSocket, ADeadBinderThatNobodyInheritedFromIsTheHolder) {
  Incident incident = nginx_restart();
  incident.holders[0].bound_by = BoundBy{811, incident.holders[0].process->start_boottime_ns, "nginx", false, 1000};
  expect_cause(incident, Cause::kPreviousInstance, Certainty::kCertain);
}

}  // namespace
}  // namespace bindtrace
