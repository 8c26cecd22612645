// SPDX-License-Identifier: Apache-2.0
#include "sink/journal_fields.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "core/diagnosis.h"
#include "incidents.h"
#include "sequels.h"

namespace bindtrace {
namespace {

// Empty: no such field.
std::string value(const Event& event, const std::string& name) {
  std::string found;
  for (const std::string& field : journal_fields(event)) {
    if (field.starts_with(name + "=")) {
      EXPECT_EQ(found, "") << name << " comes twice";
      found = field.substr(name.size() + 1);
    }
  }
  return found;
}

TEST(JournalFields, OfAConflictTellItsStory) {
  Incident incident = nginx_restart();
  incident.diagnosis = diagnose(incident);
  EXPECT_TRUE(value(incident, "MESSAGE").starts_with("nginx.service (nginx[1234]) could not bind tcp 0.0.0.0:80: "))
      << value(incident, "MESSAGE");
  EXPECT_EQ(value(incident, "PRIORITY"), "4");
  EXPECT_EQ(value(incident, "SYSLOG_IDENTIFIER"), "bindtrace");
  EXPECT_EQ(value(incident, "BINDTRACE_EVENT"), "bindtrace.bind.conflict");
  EXPECT_EQ(value(incident, "BINDTRACE_CAUSE"), "previous_instance");
  EXPECT_EQ(value(incident, "BINDTRACE_TRANSPORT"), "tcp");
  EXPECT_EQ(value(incident, "BINDTRACE_LOCAL_PORT"), "80");
  EXPECT_EQ(value(incident, "BINDTRACE_PID"), "1234");
  EXPECT_EQ(value(incident, "BINDTRACE_HOLDER_PID"), "811");
  EXPECT_EQ(value(incident, "BINDTRACE_HOLDER_UNIT"), "nginx.service");
  EXPECT_TRUE(value(incident, "BINDTRACE_RECORD").starts_with("{\"schema_version\":"));
}

TEST(JournalFields, OfAConflictAreFoundByTheVictimsUnit) {
  Incident incident = nginx_restart();
  EXPECT_EQ(value(incident, "OBJECT_SYSTEMD_UNIT"), "nginx.service");
  EXPECT_EQ(value(incident, "OBJECT_PID"), "");
  incident.victim.place.user_manager_uid = 1000;
  EXPECT_EQ(value(incident, "OBJECT_SYSTEMD_UNIT"), "");
  EXPECT_EQ(value(incident, "OBJECT_SYSTEMD_USER_UNIT"), "nginx.service");
  EXPECT_EQ(value(incident, "OBJECT_SYSTEMD_OWNER_UID"), "1000");
  EXPECT_EQ(value(released(), "OBJECT_SYSTEMD_UNIT"), "nginx.service");
  EXPECT_EQ(value(AgentStarted{}, "OBJECT_SYSTEMD_UNIT"), "");
}

TEST(JournalFields, LeaveOutWhatIsNotKnown) {
  EXPECT_EQ(value(bare_incident(), "BINDTRACE_HOLDER_PID"), "");
  EXPECT_EQ(value(bare_incident(), "BINDTRACE_UNIT"), value(bare_incident(), "OBJECT_SYSTEMD_UNIT"));
  for (const std::string& field : journal_fields(bare_incident())) {
    EXPECT_EQ(field.find("=null"), field.starts_with("BINDTRACE_RECORD") ? field.find("=null") : std::string::npos);
  }
}

TEST(JournalFields, NameTheHolderThatRefused) {
  Incident incident = nginx_restart();
  Holder harmless = holder(listener(), process(5, "other", "/bin/other", kSecond));
  harmless.blocking = false;
  incident.holders.front().blocking = true;
  incident.holders.insert(incident.holders.begin(), harmless);
  EXPECT_EQ(value(incident, "BINDTRACE_HOLDER_PID"), "811");
}

TEST(JournalFields, AreOneLineForJournalctl) {
  Incident incident = nginx_restart();
  incident.victim.comm = "a\nb\x1b[31m";
  for (const std::string& field : journal_fields(incident)) {
    EXPECT_TRUE(std::none_of(field.begin(), field.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }))
        << field;
  }
}

TEST(JournalFields, OfWhatIsNoTroubleArePriority6) {
  EXPECT_EQ(value(AgentStarted{}, "PRIORITY"), "6");
  EXPECT_EQ(value(released(), "PRIORITY"), "6");
  EXPECT_EQ(value(EventsLost{}, "PRIORITY"), "4");
}

TEST(JournalFields, HaveEachKindExplainedInTheCatalog) {
  std::ifstream file(BINDTRACE_CATALOG);
  const std::string catalog = (std::ostringstream() << file.rdbuf()).str();
  EpisodeSummary summary;
  summary.latest = nginx_restart();
  for (const Event& event : {Event(nginx_restart()), Event(summary), Event(released()), Event(bound()),
                             Event(AgentStarted{}), Event(AgentStopped{}), Event(EventsLost{})}) {
    const std::string id = value(event, "MESSAGE_ID");
    EXPECT_EQ(id.size(), 32U) << value(event, "BINDTRACE_EVENT");
    EXPECT_NE(catalog.find("-- " + id + "\n"), std::string::npos) << value(event, "BINDTRACE_EVENT");
  }
}

}  // namespace
}  // namespace bindtrace
