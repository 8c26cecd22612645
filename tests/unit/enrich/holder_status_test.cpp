// SPDX-License-Identifier: Apache-2.0
#include "enrich/holder_status.h"

#include <gtest/gtest.h>

#include "incidents.h"

namespace bindtrace {
namespace {

const SearchOutcome kLookedAtAll{};
const SearchOutcome kLeftOut{.doubt = "too many failures at once"};

Failure walked() {
  Failure failure;
  failure.walked = true;
  failure.socket_count = 1;
  return failure;
}

HolderStatus status_of(const Failure& failure, const std::vector<Holder>& holders,
                       const std::optional<SearchOutcome>& search = std::nullopt) {
  return judge_holders(failure, holders, search).status;
}

TEST(HolderStatus, ANamedProcessIsFound) {
  const auto verdict = judge_holders(walked(), {holder(listener(), process(811, "nginx", "/n", kSecond))}, {});
  EXPECT_EQ(verdict.status, HolderStatus::kFound);
  EXPECT_FALSE(verdict.reason);
}

TEST(HolderStatus, OneThatWasSeenAtTheFailureAndHasExitedIsFound) {
  Holder dead = holder(listener(), process(811, "nginx", "/n", kSecond));
  dead.process->alive = false;
  const auto verdict = judge_holders(walked(), {dead}, {});
  EXPECT_EQ(verdict.status, HolderStatus::kFound);
  EXPECT_EQ(verdict.reason, "nginx[811] has exited since");
}

TEST(HolderStatus, OneThatHasClosedItSinceIsFound) {
  Holder closer = holder(listener(), process(811, "nginx", "/n", kSecond));
  closer.closed_since = true;
  EXPECT_EQ(judge_holders(walked(), {closer}, {}).status, HolderStatus::kFound);
  EXPECT_EQ(judge_holders(walked(), {closer}, {}).reason, "nginx[811] has closed it since");
  closer.closed_since = false;
  EXPECT_FALSE(judge_holders(walked(), {closer}, {}).reason);
}

TEST(HolderStatus, TheKernelsOwnSocketIsTheKernels) {
  HolderSocket socket = listener();
  socket.kernel_socket = true;
  EXPECT_EQ(status_of(walked(), {holder(socket)}), HolderStatus::kKernel);
}

TEST(HolderStatus, TimeWaitHasNoHolder) {
  EXPECT_EQ(status_of(walked(), {holder(time_wait(1))}), HolderStatus::kNone);
}

TEST(HolderStatus, ASearchThatWasLeftOutIsSkipped) {
  const auto verdict = judge_holders(walked(), {holder(listener())}, kLeftOut);
  EXPECT_EQ(verdict.status, HolderStatus::kSkipped);
  EXPECT_EQ(verdict.reason, "too many failures at once");
}

TEST(HolderStatus, WithoutASearchNoRushIsBlamed) {
  const auto verdict = judge_holders(walked(), {holder(listener())}, std::nullopt);
  EXPECT_EQ(verdict.status, HolderStatus::kSkipped);
  EXPECT_EQ(verdict.reason, "no search for its process was made");
}

TEST(HolderStatus, NobodyInACompleteScanIsNone) {
  Failure failure = walked();
  failure.scan.status = ScanStatus::kComplete;
  EXPECT_EQ(status_of(failure, {holder(listener())}, kLookedAtAll), HolderStatus::kNone);
}

TEST(HolderStatus, AScanThatDidNotReportIsSaidSo) {
  Failure failure = walked();
  failure.scan.status = ScanStatus::kMissed;
  const auto verdict = judge_holders(failure, {holder(listener())}, kLookedAtAll);
  EXPECT_EQ(verdict.status, HolderStatus::kGone);
  EXPECT_EQ(verdict.reason,
            "the search during the failing call did not report (skipped by the kernel, or the ring was full), and "
            "microseconds later no process had the socket");
}

TEST(HolderStatus, NobodyLaterWithoutAScanIsGone) {
  EXPECT_EQ(status_of(walked(), {holder(listener())}, kLookedAtAll), HolderStatus::kGone);
}

TEST(HolderStatus, AnEmptyPortIsGone) {
  Failure failure = walked();
  failure.socket_count = 0;
  EXPECT_EQ(status_of(failure, {}), HolderStatus::kGone);
}

TEST(HolderStatus, OnlySocketsThatCannotRefuseMeanThatThePortChanged) {
  HolderSocket socket = listener();
  socket.overlaps = false;
  EXPECT_EQ(status_of(walked(), {holder(socket)}), HolderStatus::kChanged);
}

TEST(HolderStatus, OnlySuchSocketsInACutWalkMeanNothing) {
  Failure failure = walked();
  failure.sockets_cut = true;
  EXPECT_EQ(status_of(failure, {}), HolderStatus::kSkipped);
}

class UnwalkedHolderStatus : public testing::Test {
 protected:
  static Failure failure_of(Transport transport, const std::string& name) {
    Failure failure;
    failure.request.endpoint = {transport, std::nullopt, std::nullopt, name};
    return failure;
  }
  const Failure path_ = failure_of(Transport::kUnix, "/run/app.sock");
};

TEST_F(UnwalkedHolderStatus, WithoutASearchIsSkipped) {
  const auto verdict = judge_holders(failure_of(Transport::kVsock, "1:80"), {}, {});
  EXPECT_EQ(verdict.status, HolderStatus::kSkipped);
  EXPECT_EQ(verdict.reason, "the holders of vsock addresses are not looked for");
}

TEST_F(UnwalkedHolderStatus, AfterASearchThatFailedIsSkippedAndNotNobody) {
  const auto verdict = judge_holders(path_, {}, SearchOutcome{.doubt = "it failed"});
  EXPECT_EQ(verdict.status, HolderStatus::kSkipped);
  EXPECT_EQ(verdict.reason, "it failed");
}

TEST_F(UnwalkedHolderStatus, OfAFileWithNobodyBehindItIsNone) {
  const auto verdict = judge_holders(path_, {}, kLookedAtAll, PathFile::kSocket);
  EXPECT_EQ(verdict.status, HolderStatus::kNone);
  EXPECT_EQ(verdict.reason, "the file is there, but no process has the socket that made it");
}

TEST_F(UnwalkedHolderStatus, OfAFileThatIsNoSocketIsNone) {
  const auto verdict = judge_holders(path_, {}, {}, PathFile::kDirectory);
  EXPECT_EQ(verdict.status, HolderStatus::kNone);
  EXPECT_EQ(verdict.reason, "a directory is there: bind makes a file of its own and replaces none");
}

TEST_F(UnwalkedHolderStatus, OfAFileThatIsNotThereAnyMoreIsGone) {
  EXPECT_EQ(judge_holders(path_, {}, {}, PathFile::kNothing).status, HolderStatus::kGone);
}

TEST_F(UnwalkedHolderStatus, OfANameThatNobodyHasAnyMoreIsGone) {
  EXPECT_EQ(judge_holders(failure_of(Transport::kUnix, "@name"), {}, kLookedAtAll).status, HolderStatus::kGone);
}

TEST(HolderStatus, NoSingleSocketIsInTheWayOfPortZero) {
  Failure failure;
  failure.request.endpoint = {Transport::kTcp, std::nullopt, 0};
  EXPECT_EQ(status_of(failure, {}), HolderStatus::kNone);
}

}  // namespace
}  // namespace bindtrace
