// SPDX-License-Identifier: Apache-2.0
// The holders that are searched after the failure: when, and for how long at most.
#include "enrich/enricher.h"

#include <cerrno>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "enrichment.h"

namespace bindtrace {
namespace {

class SearchedHolder : public EnricherTest {};

TEST_F(SearchedHolder, IsSearchedWhereTheKernelNamedNobody) {
  failure_.scan.status = ScanStatus::kMissed;
  holdings_.add({.pid = 811, .start_boottime_ns = 5, .comm = "nginx", .fd = 6, .inode = kInode});
  holdings_.add({.pid = 812, .start_boottime_ns = 6, .comm = "other", .fd = 6, .inode = kInode + 1});
  const Incident incident = enrich();
  ASSERT_EQ(incident.holders.size(), 1U);
  EXPECT_EQ(incident.holders[0].process->pid, 811U);
  EXPECT_EQ(incident.holders[0].fds, std::vector<std::uint32_t>{6});
  EXPECT_EQ(incident.holders[0].source, HolderSource::kIterator);
  EXPECT_EQ(incident.holder_status, HolderStatus::kFound);
}

TEST_F(SearchedHolder, IsSearchedForEachSocketThatTheKernelNamedNobodyFor) {
  failure_.sockets.push_back(listener());
  failure_.sockets[1].inode = kInode + 1;
  failure_.owners = {owner(task(811), {6})};
  holdings_.add({.pid = 812, .start_boottime_ns = 300 * kTickNs, .comm = "nginx", .fd = 7, .inode = kInode + 1});
  const Incident incident = enrich();
  ASSERT_EQ(incident.holders.size(), 2U);
  EXPECT_EQ(incident.holders[0].source, HolderSource::kKernelAtFailure);
  EXPECT_EQ(incident.holders[1].process->pid, 812U);
  EXPECT_EQ(incident.holders[1].source, HolderSource::kIterator);
}

TEST_F(SearchedHolder, WasNotSeenAtTheFailureWithASocketThatOnlyTheSearchShows) {
  failure_.sockets.push_back(listener());
  failure_.sockets[1].inode = kInode + 1;
  const Task nginx = task(811);
  failure_.owners = {owner(nginx, {0})};
  holdings_.add(
      {.pid = 811, .start_boottime_ns = nginx.start_boottime_ns, .comm = "nginx", .fd = 1, .inode = kInode + 1});
  const Incident incident = enrich();
  ASSERT_EQ(incident.holders.size(), 2U);
  EXPECT_EQ(incident.holders[0].source, HolderSource::kKernelAtFailure);
  EXPECT_EQ(incident.holders[1].source, HolderSource::kIterator);
  EXPECT_TRUE(same_process(*incident.holders[0].process, *incident.holders[1].process));
}

TEST_F(SearchedHolder, ThatIsTheVictimInTheSearchIsTheSameProcess) {
  failure_.scan.status = ScanStatus::kMissed;
  holdings_.add(
      {.pid = 1234, .start_boottime_ns = failure_.victim.start_boottime_ns, .comm = "nginx", .fd = 3, .inode = kInode});
  const Incident incident = enrich();
  EXPECT_TRUE(same_process(*incident.holders.at(0).process, incident.victim));
}

TEST_F(SearchedHolder, IsSearchedFurtherWhereNotEveryProcessWasLookedAt) {
  const Task nginx = task(811);
  failure_.scan.status = ScanStatus::kTruncated;
  failure_.owners = {owner(nginx, {6})};
  holdings_.add({.pid = 811, .start_boottime_ns = nginx.start_boottime_ns, .comm = "nginx", .fd = 6, .inode = kInode});
  holdings_.add({.pid = 812, .start_boottime_ns = 300 * kTickNs, .comm = "heir", .fd = 6, .inode = kInode});
  const Incident incident = enrich();
  ASSERT_EQ(incident.holders.size(), 2U);
  EXPECT_EQ(incident.holders[0].source, HolderSource::kKernelAtFailure);
  EXPECT_EQ(incident.holders[1].source, HolderSource::kIterator);
}

TEST_F(SearchedHolder, IsSearchedByTheAddressWhereTheWalkDidNotComeToTheListener) {
  failure_.walk_truncated = true;
  failure_.request.endpoint.transport = Transport::kTcp;
  failure_.sockets[0].state = SocketState::kEstablished;
  holdings_.add({.pid = 811, .start_boottime_ns = 5, .comm = "nginx", .fd = 6, .inode = kInode + 1});
  const Incident incident = enrich();
  ASSERT_EQ(incident.holders.size(), 2U);
  EXPECT_EQ(incident.holders[0].socket.inode, kInode + 1);
  EXPECT_EQ(incident.holders[0].socket.state, SocketState::kListen);
  EXPECT_EQ(incident.holders[0].process->pid, 811U);
}

TEST_F(SearchedHolder, IsNotNobodyWhereTheSearchFailed) {
  failure_.scan.status = ScanStatus::kMissed;
  holdings_.fail_with(fail_errno(EPERM, "make a BPF iterator"));
  const Incident incident = enrich();
  EXPECT_EQ(incident.holder_status, HolderStatus::kSkipped);
  EXPECT_EQ(incident.holder_reason, "the search for its process failed: make a BPF iterator: Operation not permitted");
}

TEST_F(SearchedHolder, ThatNobodyIsHasAReason) {
  const Incident incident = enrich();
  ASSERT_EQ(incident.holders.size(), 1U);
  EXPECT_FALSE(incident.holders[0].process);
  EXPECT_EQ(incident.holder_status, HolderStatus::kNone);
  EXPECT_TRUE(incident.holder_reason);
}

TEST_F(SearchedHolder, SearchesThatTakeMoreThanTheirShareOfTimeAreLeftOut) {
  failure_.scan.status = ScanStatus::kMissed;
  holdings_.add({.pid = 811, .start_boottime_ns = 5, .comm = "nginx", .fd = 6, .inode = kInode});
  Enricher::Options slow = options();
  slow.clocks = [this] {
    now_.boottime_ns += 3 * kSecond;  // each look at the clock takes that long: a search spends more than was saved
    return now_;
  };
  Enricher enricher(slow);
  EXPECT_EQ(enricher.enrich(failure_).holder_status, HolderStatus::kFound);
  const Incident second = enricher.enrich(failure_);
  EXPECT_EQ(second.holder_status, HolderStatus::kSkipped);
  EXPECT_EQ(second.holder_reason, "too many failures at once: the search for its process was left out");
  now_.boottime_ns += 60 * kSecond;
  EXPECT_EQ(enricher.enrich(failure_).holder_status, HolderStatus::kFound) << "a twentieth of the time is saved up";
}

TEST_F(SearchedHolder, ThatTheKernelSawIsNotSearchedForMoreThanItsShareOfTime) {
  failure_.owners = {owner(task(811), {6})};
  tree_.add({.pid = 811, .fd_targets = {"socket:[9001]"}});
  Enricher::Options slow = options();
  slow.clocks = [this] {
    now_.boottime_ns += kSecond;  // each look at the clock takes that long: one search spends more than was saved
    return now_;
  };
  Enricher enricher(slow);
  EXPECT_EQ(enricher.enrich(failure_).holders.at(0).fds, (std::vector<std::uint32_t>{0, 6}));
  const Incident second = enricher.enrich(failure_);
  EXPECT_EQ(second.holders.at(0).fds, std::vector<std::uint32_t>{6}) << "what the kernel saw remains";
  EXPECT_EQ(second.holder_status, HolderStatus::kFound);
  now_.boottime_ns += 60 * kSecond;
  EXPECT_EQ(enricher.enrich(failure_).holders.at(0).fds, (std::vector<std::uint32_t>{0, 6}));
}

}  // namespace
}  // namespace bindtrace
