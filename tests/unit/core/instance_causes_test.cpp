// SPDX-License-Identifier: Apache-2.0
#include "core/diagnosis.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "incidents.h"

namespace bindtrace {
namespace {

TEST(PreviousInstance, IsTheSameProgramOfTheSameUnitThatStartedEarlier) {
  expect_cause(nginx_restart(), Cause::kPreviousInstance, Certainty::kCertain);
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

TEST(PreviousInstance, SaysThatItWasToldToStop) {
  Incident incident = nginx_restart();
  incident.holders[0].stop = StopSignal{15, 412, false, Sender{1, "systemd"}};
  EXPECT_TRUE(diagnose(incident).summary.ends_with("is still listening; it got SIGTERM 412 ms ago"));
  EXPECT_TRUE(
      any_contains(diagnose(incident).evidence, "nginx[811] got SIGTERM from systemd[1] 412 ms before the call"));
  EXPECT_TRUE(any_contains(diagnose(incident).advice, "TimeoutStopSec"));
  incident.holders[0].process->exiting = true;
  EXPECT_TRUE(diagnose(incident).summary.ends_with("; it got SIGTERM 412 ms ago and was exiting"));
  incident.holders[0].process->exiting = false;
  incident.holders[0].stop->ms_ago = 7'200'000;
  EXPECT_TRUE(diagnose(incident).summary.ends_with("is still listening")) << "it took it for something else";
}

TEST(PreviousInstance, ThatIgnoresItsSignalIsGivenNoTime) {
  Incident incident = nginx_restart();
  incident.holders[0].stop = StopSignal{2, 30'000, true, std::nullopt};
  EXPECT_TRUE(diagnose(incident).summary.ends_with("is still listening; it ignored SIGINT 30 s ago"));
  EXPECT_TRUE(any_contains(diagnose(incident).evidence,
                           "nginx[811] got SIGINT from the kernel 30 s before the call, and ignores it"));
  EXPECT_TRUE(any_contains(diagnose(incident).advice, "have nginx handle SIGINT"));
  EXPECT_FALSE(any_contains(diagnose(incident).advice, "TimeoutStopSec"));
}

TEST(PreviousInstance, ThatNobodyToldToStopIsSaidSoWhereThatIsSeen) {
  Incident incident = nginx_restart();
  const char* const words = "no signal was seen that tells nginx[811] to stop";
  EXPECT_FALSE(any_contains(diagnose(incident).evidence, words));
  incident.holders[0].stop_known = true;
  EXPECT_TRUE(any_contains(diagnose(incident).evidence, words));
}

TEST(PreviousInstance, SaysWhatConnectionsItStillServes) {
  Incident incident = nginx_restart();
  incident.failure.by_state = {{SocketState::kListen, 1}, {SocketState::kEstablished, 3}};
  EXPECT_TRUE(any_contains(diagnose(incident).evidence, "the port still has 3 open connections"));
}

TEST(PreviousInstance, InTheSameContainerIsCertain) {
  Incident incident = nginx_restart();
  for (Process* process : {&incident.victim, &*incident.holders[0].process}) {
    process->place = {};
    process->place.container_id = std::string(64, 'a');
  }
  expect_cause(incident, Cause::kPreviousInstance, Certainty::kCertain);
  EXPECT_TRUE(any_contains(diagnose(incident).evidence, "both belong to container aaaaaaaaaaaa"));
}

TEST(PreviousInstance, InTheSameSessionIsOnlyLikely) {
  Incident incident = nginx_restart();
  for (Process* process : {&incident.victim, &*incident.holders[0].process}) {
    process->place.unit = "session-3.scope";
  }
  expect_cause(incident, Cause::kPreviousInstance, Certainty::kLikely);
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
  expect_cause(incident, Cause::kAnotherInstance, Certainty::kCertain);
}

TEST(PreviousInstance, OfAServiceMayHaveDroppedItsPrivileges) {
  Incident incident = nginx_restart();
  incident.holders[0].process->uid = 33;
  expect_cause(incident, Cause::kPreviousInstance, Certainty::kCertain);
}

TEST(PreviousInstance, InTheSameCgroupWithoutAUnitIsOnlyLikely) {
  Incident incident = nginx_restart();
  for (Process* process : {&incident.victim, &*incident.holders[0].process}) {
    process->place = {};
    process->cgroup_id = 42;
  }
  expect_cause(incident, Cause::kPreviousInstance, Certainty::kLikely);
}

TEST(PreviousInstance, InANewContainerOfTheSamePodIsOnlyLikely) {
  Incident incident = nginx_restart();
  incident.victim.place = {{}, {}, std::string(64, 'a'), "containerd", "pod"};
  incident.holders[0].process->place = {{}, {}, std::string(64, 'b'), "containerd", "pod"};
  expect_cause(incident, Cause::kPreviousInstance, Certainty::kLikely);
}

TEST(PreviousInstance, KnownByNameAloneIsOnlyLikely) {
  Incident incident = nginx_restart();
  incident.holders[0].process->program.path.reset();
  incident.holders[0].process->program.file.reset();
  expect_cause(incident, Cause::kPreviousInstance, Certainty::kLikely);
}

TEST(PreviousInstance, KnownByPathAloneIsOnlyLikely) {
  Incident incident = nginx_restart();
  incident.holders[0].process->program.file.reset();
  expect_cause(incident, Cause::kPreviousInstance, Certainty::kLikely);
}

TEST(PreviousInstance, FromAnotherReleaseDirectoryOfTheSameUnitIsOnlyLikely) {
  Incident incident = nginx_restart();
  incident.holders[0].process->program = process(811, "nginx", "/srv/v1/nginx", kSecond).program;
  expect_cause(incident, Cause::kPreviousInstance, Certainty::kLikely);
  EXPECT_TRUE(any_contains(diagnose(incident).evidence,
                           "both run nginx, by its name; that it is the same file is not established"));
}

TEST(PreviousInstance, OfARelativeScriptIsOnlyLikelyForTheDirectoryMayHaveChanged) {
  Incident incident = nginx_restart();
  const std::vector<std::string> argv{"python3", "daemon.py"};
  incident.victim.program = program_of("/usr/bin/python3", {}, FileId{7, 1}, argv, "/srv");
  incident.holders[0].process->program = program_of("/usr/bin/python3", {}, FileId{7, 1}, argv, "/");
  expect_cause(incident, Cause::kPreviousInstance, Certainty::kLikely);
}

TEST(PreviousInstance, WhenSeveralSocketsOverlapAListenerIsStillSureToRefuse) {
  Incident incident = nginx_restart();
  incident.holders[0].blocking.reset();
  incident.holders.push_back(holder(time_wait(1000)));
  expect_cause(incident, Cause::kPreviousInstance, Certainty::kCertain);
}

TEST(PreviousInstance, WhenBothSidesShareThePortTheBlockerIsNotSure) {
  Incident incident = nginx_restart();
  incident.holders[0].blocking.reset();
  incident.holders[0].socket.options.reuseport = true;
  incident.failure.request.options.reuseport = true;
  incident.holders.push_back(incident.holders[0]);
  expect_cause(incident, Cause::kPreviousInstance, Certainty::kLikely);
  EXPECT_TRUE(any_contains(diagnose(incident).evidence, "which of them refused is not established"));
}

TEST(AnotherInstance, IsTheSameProgramOfAnotherUnit) {
  Incident incident = nginx_restart();
  incident.holders[0].process->place.unit = "nginx-test.service";
  expect_cause(incident, Cause::kAnotherInstance, Certainty::kCertain);
  EXPECT_EQ(diagnose(incident).summary,
            "another instance of the same program, nginx[811] of nginx-test.service, is listening");
}

TEST(AnotherInstance, OfTwoUsersManagersIsNotTheSameUnit) {
  Incident incident = nginx_restart();
  incident.victim.place.user_manager_uid = 1000;
  incident.holders[0].process->place.user_manager_uid = 1001;
  expect_cause(incident, Cause::kAnotherInstance, Certainty::kCertain);
}

TEST(AnotherInstance, ThatStartedLaterIsNoPreviousOne) {
  Incident incident = nginx_restart();
  incident.holders[0].process->start_boottime_ns = kFailureTime;
  expect_cause(incident, Cause::kAnotherInstance, Certainty::kCertain);
}

TEST(AnotherInstance, TheOwnParentIsNoPreviousInstance) {
  Incident incident = nginx_restart();
  incident.victim.parent_pid = 811;
  expect_cause(incident, Cause::kAnotherInstance, Certainty::kCertain);
  EXPECT_EQ(diagnose(incident).summary, "nginx[811], its own parent, is listening");
}

TEST(AnotherInstance, AFellowWorkerIsNoPreviousInstance) {
  Incident incident = nginx_restart();
  for (Process* process : {&incident.victim, &*incident.holders[0].process}) {
    process->parent_pid = 700;
    process->parent_comm = "nginx";
  }
  expect_cause(incident, Cause::kAnotherInstance, Certainty::kCertain);
}

TEST(AnotherInstance, AChildOfTheSameSupervisorIsNoPreviousInstance) {
  Incident incident = nginx_restart();
  for (Process* process : {&incident.victim, &*incident.holders[0].process}) {
    process->parent_pid = 700;
    process->parent_comm = "supervisord";
  }
  expect_cause(incident, Cause::kAnotherInstance, Certainty::kCertain);
  EXPECT_EQ(diagnose(incident).summary, "nginx[811], another child of its parent supervisord[700], is listening");
}

TEST(PreviousInstance, MayBeStartedByTheSameServiceManagerOfAUser) {
  Incident incident = nginx_restart();
  for (Process* process : {&incident.victim, &*incident.holders[0].process}) {
    process->parent_pid = 700;
    process->parent_comm = "systemd";
  }
  expect_cause(incident, Cause::kPreviousInstance, Certainty::kCertain);
}

TEST(PreviousInstance, MayBeStartedFromTheSameShell) {
  Incident incident = nginx_restart();
  for (Process* process : {&incident.victim, &*incident.holders[0].process}) {
    process->place.unit = "session-3.scope";
    process->parent_pid = 700;
    process->parent_comm = "bash";
  }
  expect_cause(incident, Cause::kPreviousInstance, Certainty::kLikely);
}

TEST(AnotherInstance, WithoutKnownUnitsIsOnlyLikely) {
  Incident incident = nginx_restart();
  incident.holders[0].process->place = {};
  expect_cause(incident, Cause::kAnotherInstance, Certainty::kLikely);
  EXPECT_TRUE(any_contains(diagnose(incident).evidence, "whether both belong to the same unit is not known"));
}

TEST(AnotherInstance, InACgroupKnownByNumberAloneMayBeOfTheSameUnit) {
  Incident incident = nginx_restart();
  incident.victim.place = {};
  incident.victim.cgroup.reset();
  incident.victim.cgroup_id = 42;
  expect_cause(incident, Cause::kAnotherInstance, Certainty::kLikely);
  EXPECT_TRUE(any_contains(diagnose(incident).evidence, "whether both belong to the same unit is not known"));
}

}  // namespace
}  // namespace bindtrace
