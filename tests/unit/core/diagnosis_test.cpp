// SPDX-License-Identifier: Apache-2.0
#include "core/diagnosis.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "incidents.h"

namespace bindtrace {
namespace {

bool any_contains(const std::vector<std::string>& sentences, const std::string& words) {
  return std::any_of(sentences.begin(), sentences.end(),
                     [&](const std::string& sentence) { return sentence.find(words) != std::string::npos; });
}

void expect(const Incident& incident, Cause cause, Certainty certainty) {
  const Diagnosis diagnosis = diagnose(incident);
  EXPECT_EQ(to_string(diagnosis.cause), to_string(cause)) << diagnosis.summary;
  EXPECT_EQ(to_string(diagnosis.certainty), to_string(certainty)) << diagnosis.summary;
}

// nginx[1234] of nobody's unit, held by a process of another kind.
Incident held_by(Process other) {
  Incident incident = bare_incident();
  incident.holders = {holder(listener(), std::move(other))};
  return incident;
}

Process python(std::uint32_t pid, const std::vector<std::string>& argv) {
  Process process = bindtrace::process(pid, "python3", "/usr/bin/python3", kSecond);
  process.program = program_of("/usr/bin/python3", {}, FileId{7, 1}, argv, std::nullopt);
  return process;
}

TEST(PortsExhausted, IsPortZeroWithoutAFreeOne) {
  Incident incident = bare_incident();
  incident.failure.request.endpoint.port = 0;
  expect(incident, Cause::kPortsExhausted, Certainty::kCertain);
}

TEST(PreviousInstance, IsTheSameProgramOfTheSameUnitThatStartedEarlier) {
  expect(nginx_restart(), Cause::kPreviousInstance, Certainty::kCertain);
  const Diagnosis diagnosis = diagnose(nginx_restart());
  EXPECT_EQ(diagnosis.summary, "the previous instance of the same unit is still listening");
  EXPECT_TRUE(any_contains(diagnosis.evidence, "both run /usr/sbin/nginx"));
  EXPECT_TRUE(any_contains(diagnosis.evidence, "both belong to nginx.service"));
  EXPECT_TRUE(any_contains(diagnosis.evidence, "nginx[811] started 21 min before nginx[1234]"));
  EXPECT_TRUE(any_contains(diagnosis.advice, "TimeoutStopSec"));
}

TEST(PreviousInstance, SaysThatItWasExiting) {
  Incident incident = nginx_restart();
  incident.holders[0].process->exiting = true;
  EXPECT_TRUE(diagnose(incident).summary.ends_with("; it was exiting"));
}

TEST(PreviousInstance, InTheSameContainerIsCertain) {
  Incident incident = nginx_restart();
  for (Process* process : {&incident.victim, &*incident.holders[0].process}) {
    process->place = {};
    process->place.container_id = std::string(64, 'a');
  }
  expect(incident, Cause::kPreviousInstance, Certainty::kCertain);
  EXPECT_TRUE(any_contains(diagnose(incident).evidence, "both belong to container aaaaaaaaaaaa"));
}

TEST(PreviousInstance, InTheSameSessionIsOnlyLikely) {
  Incident incident = nginx_restart();
  for (Process* process : {&incident.victim, &*incident.holders[0].process}) {
    process->place.unit = "session-3.scope";
  }
  expect(incident, Cause::kPreviousInstance, Certainty::kLikely);
  EXPECT_EQ(diagnose(incident).summary, "an older instance of the same program is still listening");
  EXPECT_TRUE(any_contains(diagnose(incident).evidence, "both are in session-3.scope, and in no service or container"));
}

TEST(AnotherInstance, OfAnotherUserInTheSameCgroupIsNoPreviousOne) {
  Incident incident = nginx_restart();
  for (Process* process : {&incident.victim, &*incident.holders[0].process}) {
    process->place = {};
    process->cgroup = "/";
  }
  incident.victim.uid = 1001;
  incident.holders[0].process->uid = 1000;
  expect(incident, Cause::kAnotherInstance, Certainty::kCertain);
}

TEST(PreviousInstance, OfAServiceMayHaveDroppedItsPrivileges) {
  Incident incident = nginx_restart();
  incident.holders[0].process->uid = 33;
  expect(incident, Cause::kPreviousInstance, Certainty::kCertain);
}

TEST(PreviousInstance, InTheSameCgroupWithoutAUnitIsOnlyLikely) {
  Incident incident = nginx_restart();
  for (Process* process : {&incident.victim, &*incident.holders[0].process}) {
    process->place = {};
    process->cgroup_id = 42;
  }
  expect(incident, Cause::kPreviousInstance, Certainty::kLikely);
}

TEST(PreviousInstance, InANewContainerOfTheSamePodIsOnlyLikely) {
  Incident incident = nginx_restart();
  incident.victim.place = {{}, {}, std::string(64, 'a'), "containerd", "pod"};
  incident.holders[0].process->place = {{}, {}, std::string(64, 'b'), "containerd", "pod"};
  expect(incident, Cause::kPreviousInstance, Certainty::kLikely);
}

TEST(PreviousInstance, KnownByNameAloneIsOnlyLikely) {
  Incident incident = nginx_restart();
  incident.holders[0].process->program.path.reset();
  incident.holders[0].process->program.file.reset();
  expect(incident, Cause::kPreviousInstance, Certainty::kLikely);
}

TEST(PreviousInstance, KnownByPathAloneIsOnlyLikely) {
  Incident incident = nginx_restart();
  incident.holders[0].process->program.file.reset();
  expect(incident, Cause::kPreviousInstance, Certainty::kLikely);
}

TEST(PreviousInstance, FromAnotherReleaseDirectoryOfTheSameUnitIsOnlyLikely) {
  Incident incident = nginx_restart();
  incident.holders[0].process->program = process(811, "nginx", "/srv/v1/nginx", kSecond).program;
  expect(incident, Cause::kPreviousInstance, Certainty::kLikely);
  EXPECT_TRUE(any_contains(diagnose(incident).evidence,
                           "both run nginx, by its name; that it is the same file is not established"));
}

TEST(PreviousInstance, OfARelativeScriptIsOnlyLikelyForTheDirectoryMayHaveChanged) {
  Incident incident = nginx_restart();
  const std::vector<std::string> argv{"python3", "daemon.py"};
  incident.victim.program = program_of("/usr/bin/python3", {}, FileId{7, 1}, argv, "/srv");
  incident.holders[0].process->program = program_of("/usr/bin/python3", {}, FileId{7, 1}, argv, "/");
  expect(incident, Cause::kPreviousInstance, Certainty::kLikely);
}

TEST(UnknownCause, IsOneNameInTwoDirectoriesOutsideOfAUnit) {
  Incident incident = held_by(process(900, "nginx", "/srv/v1/nginx", kSecond));
  expect(incident, Cause::kUnknown, Certainty::kUnknown);
  EXPECT_EQ(diagnose(incident).summary,
            "nginx[900] is listening; whether it is the same program is not known: both run nginx, by its name; that "
            "it is the same file is not established");
}

TEST(PreviousInstance, WhenSeveralSocketsOverlapAListenerIsStillSureToRefuse) {
  Incident incident = nginx_restart();
  incident.holders[0].blocking.reset();
  incident.holders.push_back(holder(time_wait(1000)));
  expect(incident, Cause::kPreviousInstance, Certainty::kCertain);
}

TEST(PreviousInstance, WhenBothSidesShareThePortTheBlockerIsNotSure) {
  Incident incident = nginx_restart();
  incident.holders[0].blocking.reset();
  incident.holders[0].socket.options.reuseport = true;
  incident.failure.request.options.reuseport = true;
  incident.holders.push_back(incident.holders[0]);
  expect(incident, Cause::kPreviousInstance, Certainty::kLikely);
  EXPECT_TRUE(any_contains(diagnose(incident).evidence, "which of them refused is not established"));
}

TEST(AnotherInstance, IsTheSameProgramOfAnotherUnit) {
  Incident incident = nginx_restart();
  incident.holders[0].process->place.unit = "nginx-test.service";
  expect(incident, Cause::kAnotherInstance, Certainty::kCertain);
  EXPECT_EQ(diagnose(incident).summary,
            "another instance of the same program, nginx[811] of nginx-test.service, is listening");
}

TEST(AnotherInstance, OfTwoUsersManagersIsNotTheSameUnit) {
  Incident incident = nginx_restart();
  incident.victim.place.user_manager_uid = 1000;
  incident.holders[0].process->place.user_manager_uid = 1001;
  expect(incident, Cause::kAnotherInstance, Certainty::kCertain);
}

TEST(AnotherInstance, ThatStartedLaterIsNoPreviousOne) {
  Incident incident = nginx_restart();
  incident.holders[0].process->start_boottime_ns = kFailureTime;
  expect(incident, Cause::kAnotherInstance, Certainty::kCertain);
}

TEST(AnotherInstance, TheOwnParentIsNoPreviousInstance) {
  Incident incident = nginx_restart();
  incident.victim.parent_pid = 811;
  expect(incident, Cause::kAnotherInstance, Certainty::kCertain);
  EXPECT_EQ(diagnose(incident).summary, "nginx[811], its own parent, is listening");
}

TEST(AnotherInstance, AFellowWorkerIsNoPreviousInstance) {
  Incident incident = nginx_restart();
  for (Process* process : {&incident.victim, &*incident.holders[0].process}) {
    process->parent_pid = 700;
    process->parent_comm = "nginx";
  }
  expect(incident, Cause::kAnotherInstance, Certainty::kCertain);
}

TEST(AnotherInstance, AChildOfTheSameSupervisorIsNoPreviousInstance) {
  Incident incident = nginx_restart();
  for (Process* process : {&incident.victim, &*incident.holders[0].process}) {
    process->parent_pid = 700;
    process->parent_comm = "supervisord";
  }
  expect(incident, Cause::kAnotherInstance, Certainty::kCertain);
  EXPECT_EQ(diagnose(incident).summary, "nginx[811], another child of its parent supervisord[700], is listening");
}

TEST(PreviousInstance, MayBeStartedByTheSameServiceManagerOfAUser) {
  Incident incident = nginx_restart();
  for (Process* process : {&incident.victim, &*incident.holders[0].process}) {
    process->parent_pid = 700;
    process->parent_comm = "systemd";
  }
  expect(incident, Cause::kPreviousInstance, Certainty::kCertain);
}

TEST(PreviousInstance, MayBeStartedFromTheSameShell) {
  Incident incident = nginx_restart();
  for (Process* process : {&incident.victim, &*incident.holders[0].process}) {
    process->place.unit = "session-3.scope";
    process->parent_pid = 700;
    process->parent_comm = "bash";
  }
  expect(incident, Cause::kPreviousInstance, Certainty::kLikely);
}

TEST(AnotherInstance, WithoutKnownUnitsIsOnlyLikely) {
  Incident incident = nginx_restart();
  incident.holders[0].process->place = {};
  expect(incident, Cause::kAnotherInstance, Certainty::kLikely);
  EXPECT_TRUE(any_contains(diagnose(incident).evidence, "whether both belong to the same unit is not known"));
}

TEST(AnotherInstance, InACgroupKnownByNumberAloneMayBeOfTheSameUnit) {
  Incident incident = nginx_restart();
  incident.victim.place = {};
  incident.victim.cgroup.reset();
  incident.victim.cgroup_id = 42;
  expect(incident, Cause::kAnotherInstance, Certainty::kLikely);
  EXPECT_TRUE(any_contains(diagnose(incident).evidence, "whether both belong to the same unit is not known"));
}

TEST(OtherProgram, HoldsThePort) {
  const Incident incident = held_by(process(900, "apache2", "/usr/sbin/apache2", kSecond));
  expect(incident, Cause::kOtherProgram, Certainty::kCertain);
  const Diagnosis diagnosis = diagnose(incident);
  EXPECT_EQ(diagnosis.summary, "another program, apache2[900], is listening");
  EXPECT_TRUE(
      any_contains(diagnosis.evidence, "apache2[900] runs /usr/sbin/apache2, nginx[1234] runs /usr/sbin/nginx"));
}

TEST(OtherProgram, IsAnotherScriptOfTheSameInterpreter) {
  Incident incident = held_by(python(900, {"python3", "/a.py"}));
  incident.victim = python(1234, {"python3", "/b.py"});
  expect(incident, Cause::kOtherProgram, Certainty::kCertain);
}

TEST(OtherProgram, OnePathInTwoContainersIsNotSaidToBeTheSame) {
  Incident incident = nginx_restart();
  incident.victim.place = {{}, {}, std::string(64, 'a'), "docker", {}};
  incident.holders[0].process->place = {{}, {}, std::string(64, 'b'), "docker", {}};
  incident.holders[0].process->program.file->inode += 1;
  expect(incident, Cause::kOtherProgram, Certainty::kLikely);
  EXPECT_EQ(diagnose(incident).summary,
            "nginx[811] of container bbbbbbbbbbbb, of another unit, container or cgroup, is listening");
  incident.holders[0].process->program.file = incident.victim.program.file;
  expect(incident, Cause::kAnotherInstance, Certainty::kCertain);
}

TEST(OtherProgram, OneScriptPathInTwoContainersIsNotSaidToBeTheSame) {
  Incident incident = held_by(python(900, {"python3", "/app/server.py"}));
  incident.victim = python(1234, {"python3", "/app/server.py"});
  incident.victim.place = {{}, {}, std::string(64, 'a'), "docker", {}};
  incident.holders[0].process->place = {{}, {}, std::string(64, 'b'), "docker", {}};
  expect(incident, Cause::kOtherProgram, Certainty::kLikely);
}

TEST(OtherProgram, IsLikelyWhereOnlyTheUnitsAreKnownToDiffer) {
  Incident incident = held_by(python(900, {}));
  incident.victim = python(1234, {"python3", "/b.py"});
  incident.victim.place.unit = "b.service";
  incident.holders[0].process->place.unit = "a.service";
  expect(incident, Cause::kOtherProgram, Certainty::kLikely);
  EXPECT_EQ(diagnose(incident).summary,
            "python3[900] of a.service, of another unit, container or cgroup, is listening");
  EXPECT_TRUE(any_contains(diagnose(incident).evidence, "the script that python3[900] runs is not known"));
}

TEST(SameProcess, HoldsTheAddressItself) {
  Incident incident = bare_incident();
  incident.holders = {holder(listener(), incident.victim)};
  expect(incident, Cause::kSameProcess, Certainty::kCertain);
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
  expect(incident, Cause::kSameProcess, Certainty::kCertain);
  EXPECT_EQ(diagnose(incident).summary, "the process itself has a connection at 0.0.0.0:80 (CLOSE_WAIT)");
  EXPECT_FALSE(any_contains(diagnose(incident).advice, "in its configuration"));
}

TEST(SameProcess, IsFoundAmongSeveralOwnersOfTheSocket) {
  Incident incident = nginx_restart();
  incident.holders.push_back(holder(listener(), incident.victim));
  expect(incident, Cause::kSameProcess, Certainty::kCertain);
}

TEST(SameProcess, AnEarlierProcessWithThatPidIsAnother) {
  Incident incident = bare_incident();
  incident.holders = {holder(listener(), process(1234, "nginx", "/usr/sbin/nginx", 9 * kSecond))};
  EXPECT_NE(diagnose(incident).cause, Cause::kSameProcess);
}

TEST(InheritedSocket, IsHeldByAnHeirOfADeadBinder) {
  Incident incident = held_by(process(78, "worker", "/usr/bin/worker", kSecond));
  incident.holders[0].bound_by = BoundBy{77, 5, "master", false, 1000};
  expect(incident, Cause::kInheritedSocket, Certainty::kCertain);
  EXPECT_EQ(diagnose(incident).summary,
            "master[77], which bound it, is gone, but worker[78] inherited the socket and is listening");
}

TEST(InheritedSocket, IsLikelyWhereTheBindWasNotSeen) {
  Incident incident = held_by(process(78, "worker", "/usr/bin/worker", kSecond));
  incident.holders[0].bound_by = BoundBy{77, 5, "master", false, std::nullopt};
  expect(incident, Cause::kInheritedSocket, Certainty::kLikely);
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
  expect(incident, Cause::kOtherProgram, Certainty::kCertain);
}

TEST(InheritedSocket, ADeadBinderThatNobodyInheritedFromIsTheHolder) {
  Incident incident = nginx_restart();
  incident.holders[0].bound_by = BoundBy{811, incident.holders[0].process->start_boottime_ns, "nginx", false, 1000};
  expect(incident, Cause::kPreviousInstance, Certainty::kCertain);
}

TEST(TimeWait, IsTheCauseWhenNothingElseOverlaps) {
  Incident incident = bare_incident();
  incident.holders = {holder(time_wait(12'000)), holder(time_wait(41'300))};
  expect(incident, Cause::kTimeWait, Certainty::kCertain);
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
  expect(incident, Cause::kTimeWait, Certainty::kCertain);
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
  expect(incident, Cause::kPreviousInstance, Certainty::kCertain);
}

TEST(TimeWait, IsOnlyLikelyWhenNotAllSocketsWereSeen) {
  Incident incident = bare_incident();
  incident.failure.sockets_cut = true;
  incident.holders = {holder(time_wait(1000))};
  expect(incident, Cause::kTimeWait, Certainty::kLikely);
}

TEST(TimeWait, OfAllSocketsIsCertainAlthoughOnlyAFewAreInTheRecord) {
  Incident incident = bare_incident();
  incident.failure.sockets_cut = true;
  incident.failure.socket_count = 50;
  incident.failure.by_state = {{SocketState::kTimeWait, 50}};
  incident.holders = {holder(time_wait(1000)), holder(time_wait(1000))};
  expect(incident, Cause::kTimeWait, Certainty::kCertain);
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
  expect(incident, Cause::kTimeWait, Certainty::kLikely);
  EXPECT_TRUE(any_contains(diagnose(incident).evidence, "1 socket in TIME_WAIT, out of 50 on the port"));
}

TEST(ClosingConnection, IsAnOrphanThatIsStillClosing) {
  Incident incident = bare_incident();
  HolderSocket orphan = listener();
  orphan.inode.reset();
  orphan.orphan = true;
  orphan.state = SocketState::kLastAck;
  incident.holders = {holder(orphan), holder(time_wait(1000))};
  expect(incident, Cause::kClosingConnection, Certainty::kCertain);
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
  expect(incident, Cause::kClosingConnection, Certainty::kCertain);
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
  expect(incident, Cause::kUnknown, Certainty::kUnknown);
}

TEST(ClosingConnection, AConnectionThatAProcessStillHasIsNone) {
  Incident incident = bare_incident();
  HolderSocket closing = listener();
  closing.state = SocketState::kCloseWait;
  incident.holders = {holder(closing, process(900, "apache2", "/usr/sbin/apache2", kSecond))};
  expect(incident, Cause::kOtherProgram, Certainty::kCertain);
}

TEST(KernelSocket, HasNoProcess) {
  Incident incident = bare_incident();
  HolderSocket kernel = listener();
  kernel.kernel_socket = true;
  incident.holders = {holder(kernel)};
  incident.holders[0].blocking = true;
  expect(incident, Cause::kKernelSocket, Certainty::kCertain);
}

TEST(UnknownCause, NamesTheScriptThatIsMissing) {
  Incident incident = held_by(python(900, {}));
  incident.victim = python(1234, {"python3", "/b.py"});
  expect(incident, Cause::kUnknown, Certainty::kUnknown);
  EXPECT_EQ(diagnose(incident).summary,
            "python3[900] is listening; whether it is the same program is not known: "
            "the script that python3[900] runs is not known");
}

TEST(UnknownCause, SaysWhyNoProcessIsNamed) {
  Incident incident = bare_incident();
  incident.holders = {holder(listener())};
  incident.holder_reason = "too many failures at once";
  expect(incident, Cause::kUnknown, Certainty::kUnknown);
  EXPECT_EQ(diagnose(incident).summary, "the cause is not known: too many failures at once");
}

TEST(UnknownCause, IgnoresSocketsThatCannotRefuse) {
  Incident incident = nginx_restart();
  incident.holders[0].socket.overlaps = false;
  expect(incident, Cause::kUnknown, Certainty::kUnknown);
}

TEST(Advice, NeverKillsAndNeverSetsReuseaddrBlindly) {
  Incident unnamed = bare_incident();
  unnamed.holders = {holder(listener())};
  for (const Incident& incident :
       {nginx_restart(), held_by(process(900, "apache2", "/usr/sbin/apache2", kSecond)), unnamed, bare_incident()}) {
    for (const std::string& advice : diagnose(incident).advice) {
      EXPECT_EQ(advice.find("kill "), std::string::npos) << advice;
      EXPECT_EQ(advice.find("SO_REUSEADDR"), std::string::npos) << advice;
    }
  }
}

}  // namespace
}  // namespace bindtrace
