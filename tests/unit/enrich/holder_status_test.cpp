// SPDX-License-Identifier: Apache-2.0
#include "enrich/holder_status.h"

#include <gtest/gtest.h>

#include "incidents.h"

namespace bindtrace {
namespace {

constexpr ProcfsOutcome kLookedAtAll{};
constexpr ProcfsOutcome kOverBudget{.over_budget = true};

Failure walked() {
  Failure failure;
  failure.walked = true;
  failure.socket_count = 1;
  return failure;
}

HolderStatus status_of(const Failure& failure, const std::vector<Holder>& holders,
                       const std::optional<ProcfsOutcome>& procfs = std::nullopt) {
  return judge_holders(failure, holders, procfs).status;
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

Holder dead_binder() {
  Holder binder = holder(listener(), process(811, "nginx", "/n", kSecond));
  binder.process->alive = false;
  binder.source = HolderSource::kOwnerMap;
  return binder;
}

TEST(HolderStatus, ADeadBinderIsGoneWhereASearchFoundNobodyElse) {
  EXPECT_EQ(status_of(walked(), {dead_binder()}, kLookedAtAll), HolderStatus::kGone);
}

TEST(HolderStatus, WithoutASearchADeadBinderDoesNotMeanThatNobodyHasTheSocket) {
  const auto verdict = judge_holders(walked(), {dead_binder()}, kOverBudget);
  EXPECT_EQ(verdict.status, HolderStatus::kSkipped);
  EXPECT_EQ(verdict.reason,
            "nginx[811] made the bind and has exited; who has it now: too many failures at once: the search for its "
            "process was left out");
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
  const auto verdict = judge_holders(walked(), {holder(listener())}, kOverBudget);
  EXPECT_EQ(verdict.status, HolderStatus::kSkipped);
  EXPECT_EQ(verdict.reason, "too many failures at once: the search for its process was left out");
}

TEST(HolderStatus, WithoutASearchNoRushIsBlamed) {
  const auto verdict = judge_holders(walked(), {holder(listener())}, std::nullopt);
  EXPECT_EQ(verdict.status, HolderStatus::kSkipped);
  EXPECT_EQ(verdict.reason, "no search of /proc was made");
}

TEST(HolderStatus, AMissingRightIsAReasonAndNotNobody) {
  const auto verdict = judge_holders(walked(), {holder(listener())}, ProcfsOutcome{.denied = 3});
  EXPECT_EQ(verdict.status, HolderStatus::kSkipped);
  EXPECT_EQ(verdict.reason, "not found: 3 processes may not be looked into (permission denied)");
}

TEST(HolderStatus, ASearchThatWasCutIsAReasonAndNotNobody) {
  EXPECT_EQ(status_of(walked(), {holder(listener())}, ProcfsOutcome{.cut = true}), HolderStatus::kSkipped);
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

TEST(HolderStatus, AProtocolThatIsNotWalkedIsSkipped) {
  Failure failure;
  failure.request.endpoint.transport = Transport::kSctp;
  const auto verdict = judge_holders(failure, {}, {});
  EXPECT_EQ(verdict.status, HolderStatus::kSkipped);
  EXPECT_EQ(verdict.reason, "the kernel's table of sctp ports is not read");
}

TEST(HolderStatus, AUnixNameIsNoPort) {
  Failure failure;
  failure.request.endpoint.transport = Transport::kUnix;
  EXPECT_EQ(judge_holders(failure, {}, {}).reason, "the kernel's table of unix addresses is not read");
}

TEST(HolderStatus, NoSingleSocketIsInTheWayOfPortZero) {
  Failure failure;
  failure.request.endpoint = {Transport::kTcp, std::nullopt, 0};
  EXPECT_EQ(status_of(failure, {}), HolderStatus::kNone);
}

}  // namespace
}  // namespace bindtrace
