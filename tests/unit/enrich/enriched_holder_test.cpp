// SPDX-License-Identifier: Apache-2.0
// The holders that the kernel named at the failure, or whose bind it had seen.
#include "enrich/enricher.h"

#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "enrichment.h"

namespace bindtrace {
namespace {

class EnrichedHolder : public EnricherTest {};

TEST_F(EnrichedHolder, ThatTheKernelNamedIsCompletedWithAllItsDescriptors) {
  failure_.owners = {owner(task(811), OwnerSource::kScan, {6})};
  tree_.add({.pid = 811, .fd_targets = {"socket:[1]", "/dev/null", "socket:[9001]"}});
  const Incident incident = enrich();
  ASSERT_EQ(incident.holders.size(), 1U);
  const Holder& holder = incident.holders[0];
  EXPECT_EQ(holder.process->pid, 811U);
  EXPECT_EQ(holder.process->alive, true);
  EXPECT_EQ(holder.fds, (std::vector<std::uint32_t>{2, 6}));
  EXPECT_EQ(holder.source, HolderSource::kKernelAtFailure);
  EXPECT_EQ(holder.blocking, true);
  EXPECT_EQ(incident.holder_status, HolderStatus::kFound);
}

TEST_F(EnrichedHolder, ThatExitedAtOnceIsStillNamed) {
  failure_.owners = {owner(task(811), OwnerSource::kScan, {6})};
  const Incident incident = enrich();
  EXPECT_EQ(incident.holders.at(0).process->pid, 811U);
  EXPECT_EQ(incident.holders[0].process->comm, "nginx");
  EXPECT_EQ(incident.holders[0].process->alive, false);
  EXPECT_EQ(incident.holders[0].fds, std::vector<std::uint32_t>{6});
  EXPECT_EQ(incident.holder_status, HolderStatus::kFound);
  EXPECT_EQ(incident.holder_reason, "nginx[811] has exited since");
}

TEST_F(EnrichedHolder, WhosePidAnotherProcessHasNowIsStillTheOneThatWasSeen) {
  failure_.owners = {owner(task(811), OwnerSource::kScan, {6})};
  tree_.add({.pid = 811, .start_ticks = 9999, .executable = "/usr/bin/evil", .fd_targets = {"socket:[9001]"}});
  const Incident incident = enrich();
  EXPECT_EQ(incident.holders.at(0).process->alive, false);
  EXPECT_EQ(incident.holders[0].fds, std::vector<std::uint32_t>{6});
}

TEST_F(EnrichedHolder, ThatIsTheVictimIsTheSameProcess) {
  failure_.owners = {owner(task(1234, 5000), OwnerSource::kScan, {3})};
  const Incident incident = enrich();
  EXPECT_TRUE(same_process(*incident.holders.at(0).process, incident.victim));
}

TEST_F(EnrichedHolder, NamedByScanAndMapIsOne) {
  failure_.owners = {owner(task(811), OwnerSource::kScan, {6}), owner(task(811), OwnerSource::kMap, {})};
  const Incident incident = enrich();
  ASSERT_EQ(incident.holders.size(), 1U);
  EXPECT_EQ(incident.holders[0].source, HolderSource::kKernelAtFailure);
}

TEST_F(EnrichedHolder, ASocketThatSeveralProcessesShareComesOnceForEach) {
  failure_.owners = {owner(task(811), OwnerSource::kScan, {6}), owner(task(812, 200), OwnerSource::kScan, {6})};
  const Incident incident = enrich();
  ASSERT_EQ(incident.holders.size(), 2U);
  EXPECT_EQ(incident.holders[0].process->pid, 811U) << "the oldest first";
}

TEST_F(EnrichedHolder, ThatOnlyBoundTheSocketIsTheHolderIfItStillHasIt) {
  const Task nginx = task(811);
  failure_.owners = {owner(nginx, OwnerSource::kMap, {})};
  holdings_.add({.pid = 811, .start_boottime_ns = nginx.start_boottime_ns, .comm = "nginx", .fd = 0, .inode = kInode});
  const Incident incident = enrich();
  EXPECT_EQ(incident.holders.at(0).process->pid, 811U);
  EXPECT_EQ(incident.holders[0].source, HolderSource::kIterator);
  EXPECT_EQ(incident.holder_status, HolderStatus::kFound);
}

TEST_F(EnrichedHolder, IsTheHeirWhereTheBinderIsDead) {
  failure_.scan.status = ScanStatus::kPartial;
  failure_.owners = {owner(task(811), OwnerSource::kMap, {})};
  holdings_.add({.pid = 900, .start_boottime_ns = 9, .comm = "heir", .fd = 0, .inode = kInode});
  const Incident incident = enrich();
  ASSERT_EQ(incident.holders.size(), 1U);
  EXPECT_EQ(incident.holders[0].process->pid, 900U);
}

TEST_F(EnrichedHolder, IsTheDeadBinderWhereNobodyElseHasTheSocket) {
  failure_.scan.status = ScanStatus::kPartial;
  failure_.owners = {owner(task(811), OwnerSource::kMap, {})};
  const Incident incident = enrich();
  EXPECT_EQ(incident.holders.at(0).process->pid, 811U);
  EXPECT_EQ(incident.holder_status, HolderStatus::kGone);
}

TEST_F(EnrichedHolder, IsNotALivingBinderThatHasLetGo) {
  failure_.scan.status = ScanStatus::kPartial;
  failure_.owners = {owner(task(811), OwnerSource::kMap, {})};
  tree_.add({.pid = 811});
  const Incident incident = enrich();
  EXPECT_FALSE(incident.holders.at(0).process);
}

}  // namespace
}  // namespace bindtrace
