// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "core/diagnosis.h"
#include "incidents.h"

namespace bindtrace {
namespace {

class StaleSocketFile : public testing::Test {
 protected:
  StaleSocketFile() {
    incident_.failure.request.endpoint = {Transport::kUnix, std::nullopt, std::nullopt, "/run/app.sock"};
    incident_.holder_status = HolderStatus::kNone;
    incident_.path_file = PathFile::kSocket;
  }

  Incident incident_;
};

TEST_F(StaleSocketFile, IsOneThatNoProcessHasTheSocketOf) {
  const Diagnosis diagnosis = diagnose(incident_);
  EXPECT_EQ(diagnosis.cause, Cause::kStaleSocketFile);
  EXPECT_EQ(diagnosis.certainty, Certainty::kCertain);
  EXPECT_EQ(diagnosis.summary, "the socket file is left over: nobody listens on it");
  EXPECT_EQ(diagnosis.evidence.at(0), "/run/app.sock is there, and no process has the socket that made it");
}

TEST_F(StaleSocketFile, MayHaveConnectionsThatGoOn) {
  Holder connection = holder(listener(), process(811, "app", "/a", kSecond));
  connection.socket.overlaps = false;
  incident_.holders = {connection};
  const Diagnosis diagnosis = diagnose(incident_);
  EXPECT_EQ(diagnosis.cause, Cause::kStaleSocketFile);
  EXPECT_EQ(diagnosis.evidence.at(1), "1 connection made through it before is still open");
}

TEST_F(StaleSocketFile, IsNamedForWhatItIsWhereItIsNoSocket) {
  incident_.path_file = PathFile::kRegular;
  EXPECT_EQ(diagnose(incident_).summary, "a regular file is in the way at that path");
}

TEST_F(StaleSocketFile, IsNotOneThatAProcessListensOn) {
  incident_.holders = {holder(listener(), process(811, "app", "/a", kSecond))};
  incident_.holder_status = HolderStatus::kFound;
  EXPECT_NE(diagnose(incident_).cause, Cause::kStaleSocketFile);
}

TEST_F(StaleSocketFile, WhereAnotherListensItIsAnAddressAndNoPort) {
  incident_.holders = {holder(listener(), process(811, "app", "/a", kSecond))};
  incident_.holders[0].socket.local = incident_.failure.request.endpoint;
  incident_.holder_status = HolderStatus::kFound;
  incident_.victim = process(1234, "other", "/o", 2 * kSecond);
  const Diagnosis diagnosis = diagnose(incident_);
  EXPECT_EQ(diagnosis.cause, Cause::kOtherProgram);
  EXPECT_NE(diagnosis.summary.find("is listening"), std::string::npos) << diagnosis.summary;
  EXPECT_NE(diagnosis.advice.at(0).find("owns the address"), std::string::npos) << diagnosis.advice.at(0);
}

TEST_F(StaleSocketFile, IsNotSaidOfOneThatWasNotLookedInto) {
  incident_.holder_status = HolderStatus::kSkipped;
  incident_.holder_reason = "it was not looked for";
  EXPECT_EQ(diagnose(incident_).cause, Cause::kUnknown);
}

}  // namespace
}  // namespace bindtrace
