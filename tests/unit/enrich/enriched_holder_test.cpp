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
  failure_.owners = {owner(task(811), {6})};
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
  failure_.owners = {owner(task(811), {6})};
  const Incident incident = enrich();
  EXPECT_EQ(incident.holders.at(0).process->pid, 811U);
  EXPECT_EQ(incident.holders[0].process->comm, "nginx");
  EXPECT_EQ(incident.holders[0].process->alive, false);
  EXPECT_EQ(incident.holders[0].fds, std::vector<std::uint32_t>{6});
  EXPECT_EQ(incident.holder_status, HolderStatus::kFound);
  EXPECT_EQ(incident.holder_reason, "nginx[811] has exited since");
}

TEST_F(EnrichedHolder, WhosePidAnotherProcessHasNowIsStillTheOneThatWasSeen) {
  failure_.owners = {owner(task(811), {6})};
  tree_.add({.pid = 811, .start_ticks = 9999, .executable = "/usr/bin/evil", .fd_targets = {"socket:[9001]"}});
  const Incident incident = enrich();
  EXPECT_EQ(incident.holders.at(0).process->alive, false);
  EXPECT_EQ(incident.holders[0].fds, std::vector<std::uint32_t>{6});
}

TEST_F(EnrichedHolder, ThatIsTheVictimIsTheSameProcess) {
  failure_.owners = {owner(task(1234, 5000), {3})};
  const Incident incident = enrich();
  EXPECT_TRUE(same_process(*incident.holders.at(0).process, incident.victim));
}

TEST_F(EnrichedHolder, ASocketThatSeveralProcessesShareComesOnceForEach) {
  failure_.owners = {owner(task(811), {6}), owner(task(812, 200), {6})};
  const Incident incident = enrich();
  ASSERT_EQ(incident.holders.size(), 2U);
  EXPECT_EQ(incident.holders[0].process->pid, 811U) << "the oldest first";
}

TEST_F(EnrichedHolder, ThatHasClosedTheSocketSinceIsSaidTo) {
  failure_.owners = {owner(task(811), {1})};
  tree_.add({.pid = 811, .fd_targets = {"socket:[1]", "/dev/null"}});
  const Incident incident = enrich();
  EXPECT_EQ(incident.holders.at(0).closed_since, true);
  EXPECT_EQ(incident.holders[0].fds, std::vector<std::uint32_t>{1}) << "what it had";
  EXPECT_EQ(incident.holder_status, HolderStatus::kFound);
  EXPECT_EQ(incident.holder_reason, "nginx[811] has closed it since");
}

TEST_F(EnrichedHolder, ThatStillHasTheSocketIsSaidTo) {
  failure_.owners = {owner(task(811), {1})};
  tree_.add({.pid = 811, .fd_targets = {"socket:[9001]"}});
  const Incident incident = enrich();
  EXPECT_EQ(incident.holders.at(0).closed_since, false) << "by another descriptor";
  EXPECT_FALSE(incident.holder_reason);
}

TEST_F(EnrichedHolder, WithMoreDescriptorsThanAreLookedAtMayStillHaveTheSocket) {
  failure_.owners = {owner(task(811), {2000})};
  tree_.add({.pid = 811, .fd_targets = std::vector<std::string>(1025, "/dev/null")});
  const Incident incident = enrich();
  EXPECT_FALSE(incident.holders.at(0).closed_since.has_value());
  EXPECT_FALSE(incident.holder_reason);
}

TEST_F(EnrichedHolder, WhoseFirstThreadHasExitedMayStillHaveTheSocket) {
  failure_.owners = {owner(task(811), {1})};
  tree_.add({.pid = 811, .state = 'Z'});
  tree_.add_thread({.pid = 811}, 812);
  EXPECT_EQ(enrich().holders.at(0).process->alive, true);
  EXPECT_FALSE(enrich().holders.at(0).closed_since.has_value()) << "threads may have tables of their own";
}

TEST_F(EnrichedHolder, ThatWasSeenByTheScanSaysWhen) {
  failure_.owners = {owner(task(811), {6})};
  EXPECT_FALSE(enrich().holders.at(0).seen_after_ns) << "the scan's record is missing";
  failure_.scan.end_ktime_ns = kFailureTime + 700'000;
  EXPECT_EQ(enrich().holders.at(0).seen_after_ns, 700'000U);
}

TEST_F(EnrichedHolder, ThatWasSearchedSaysWhenTheSearchEnded) {
  failure_.scan.status = ScanStatus::kMissed;
  holdings_.add({.pid = 811, .start_boottime_ns = 5, .comm = "nginx", .fd = 6, .inode = kInode});
  EXPECT_EQ(enrich().holders.at(0).seen_after_ns, 412'000U);
}

TEST_F(EnrichedHolder, OfAFurtherSocketThatItsTableShowsIsKnownFromProc) {
  failure_.sockets.push_back(listener());
  failure_.sockets[1].inode = kInode + 1;
  failure_.owners = {owner(task(811), {0})};
  tree_.add({.pid = 811, .fd_targets = {"socket:[9001]", "socket:[9002]"}});
  const Incident incident = enrich();
  ASSERT_EQ(incident.holders.size(), 2U);
  EXPECT_EQ(incident.holders[0].source, HolderSource::kKernelAtFailure);
  EXPECT_EQ(incident.holders[1].source, HolderSource::kProcfs);
  EXPECT_EQ(incident.holders[1].seen_after_ns, 412'000U);
  EXPECT_FALSE(incident.holders[1].closed_since.has_value());
}

}  // namespace
}  // namespace bindtrace
