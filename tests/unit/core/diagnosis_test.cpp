// SPDX-License-Identifier: Apache-2.0
#include "core/diagnosis.h"

#include <string>

#include <gtest/gtest.h>

#include "incidents.h"

namespace bindtrace {
namespace {

TEST(TableOfCauses, TheFirstThatFitsIsTheCauseAndOthersAreEvidence) {
  Incident incident = nginx_restart();
  incident.failure.request.endpoint.port = 0;
  expect_cause(incident, Cause::kPortsExhausted, Certainty::kCertain);
  EXPECT_TRUE(
      any_contains(diagnose(incident).evidence, "also: the previous instance of the same unit is still listening"));
}

TEST(PortProbe, IsASeriesOfPortsWhoeverHoldsThem) {
  Incident incident = nginx_restart();
  incident.failure.probing = true;
  expect_cause(incident, Cause::kPortProbe, Certainty::kLikely);
  EXPECT_EQ(diagnose(incident).summary, "it tries one port after another until one is free");
  incident.failure.request.endpoint = {Transport::kNetlink, std::nullopt, std::nullopt, "4194305"};
  EXPECT_EQ(diagnose(incident).summary, "it tries one port id after another until one is free");
}

TEST(UnknownCause, IsOneNameInTwoDirectoriesOutsideOfAUnit) {
  Incident incident = held_by(process(900, "nginx", "/srv/v1/nginx", kSecond));
  expect_cause(incident, Cause::kUnknown, Certainty::kUnknown);
  EXPECT_EQ(diagnose(incident).summary,
            "nginx[900] is listening; whether it is the same program is not known: both run nginx, by its name; that "
            "it is the same file is not established");
}

TEST(UnknownCause, NamesTheScriptThatIsMissing) {
  Incident incident = held_by(python(900, {}));
  incident.victim = python(1234, {"python3", "/b.py"});
  expect_cause(incident, Cause::kUnknown, Certainty::kUnknown);
  EXPECT_EQ(diagnose(incident).summary,
            "python3[900] is listening; whether it is the same program is not known: "
            "the script that python3[900] runs is not known");
}

TEST(UnknownCause, SaysWhyNoProcessIsNamed) {
  Incident incident = bare_incident();
  incident.holders = {holder(listener())};
  incident.holder_reason = "too many failures at once";
  expect_cause(incident, Cause::kUnknown, Certainty::kUnknown);
  EXPECT_EQ(diagnose(incident).summary, "the cause is not known: too many failures at once");
}

TEST(UnknownCause, IgnoresSocketsThatCannotRefuse) {
  Incident incident = nginx_restart();
  incident.holders[0].socket.overlaps = false;
  expect_cause(incident, Cause::kUnknown, Certainty::kUnknown);
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
