// SPDX-License-Identifier: Apache-2.0
#include "enrich/enricher.h"

#include <gtest/gtest.h>

#include "enrich/host_facts.h"
#include "holdings.h"
#include "incidents.h"
#include "proc_tree.h"

namespace bindtrace {
namespace {

constexpr std::uint64_t kTickNs = 10'000'000;
constexpr std::uint64_t kInode = 9001;

Task task(std::uint32_t pid, std::uint64_t start_ticks = 100) {
  Task task;
  task.pid = pid;
  task.start_boottime_ns = start_ticks * kTickNs + 123;  // the kernel knows more than ticks
  task.comm = "nginx";
  task.executable_name = {"nginx"};
  task.executable = FileId{7, 1};
  task.parent_pid = 1;
  task.cgroup_id = 42;
  task.cgroup_names = {{"nginx.service"}, {"system.slice"}};
  return task;
}

Owner owner(Task task, OwnerSource source, std::vector<std::uint32_t> fds) {
  Owner owner;
  owner.task = std::move(task);
  owner.source = source;
  owner.sockets = {{kInode, std::move(fds)}};
  return owner;
}

class EnricherTest : public testing::Test {
 protected:
  EnricherTest() {
    failure_.head.key.ktime_ns = kFailureTime;
    failure_.victim = task(1234, 5000);
    failure_.request.endpoint = {Transport::kTcp, ipv4(0, 0, 0, 0), 80};
    failure_.sockets = {listener()};
    failure_.socket_count = 1;
    failure_.walked = true;
    failure_.scan.status = ScanStatus::kComplete;
  }

  Enricher::Options options() {
    Enricher::Options options;
    options.proc_root = tree_.proc();
    options.etc_root = tree_.etc();
    options.clocks = [this] { return now_; };
    options.search = [this](std::span<const std::byte> query) { return holdings_.search(query); };
    options.find_binding = [this](std::uint64_t inode) { return holdings_.find_binding(inode); };
    return options;
  }

  Incident enrich(bool show_args = false) {
    Enricher::Options with_args = options();
    with_args.show_args = show_args;
    return Enricher(with_args).enrich(failure_);
  }

  Holdings holdings_;

  ProcTree tree_;
  Failure failure_;
  Instant now_{kFailureTime + 412'000, kFailureUnixNs};
};

class EnrichedProcess : public EnricherTest {};

TEST_F(EnrichedProcess, IsCompletedWhileItLives) {
  tree_.add({.pid = 1234, .start_ticks = 5000, .nspid = "1234\t7"});
  const Process victim = enrich().victim;
  EXPECT_EQ(victim.alive, true);
  EXPECT_EQ(victim.program.path, "/usr/sbin/nginx");
  EXPECT_EQ(victim.vpid, 7U);
  EXPECT_EQ(victim.cgroup, "/system.slice/nginx.service");
  EXPECT_EQ(victim.place.unit, "nginx.service");
  EXPECT_EQ(victim.user, "root");
}

TEST_F(EnrichedProcess, IsKnownFromTheKernelAloneAfterItsEnd) {
  const Process victim = enrich().victim;
  EXPECT_EQ(victim.alive, false);
  EXPECT_EQ(victim.comm, "nginx");
  EXPECT_EQ(victim.program.name, "nginx");
  EXPECT_FALSE(victim.program.path);
  EXPECT_FALSE(victim.vpid);
  EXPECT_EQ(victim.cgroup, "/system.slice/nginx.service");
  EXPECT_EQ(victim.place.unit, "nginx.service");
  EXPECT_EQ(victim.parent_pid, 1U);
}

TEST_F(EnrichedProcess, InTheRootCgroupIsThereWhetherItLivesOrNot) {
  failure_.victim.cgroup_names.clear();
  EXPECT_EQ(enrich().victim.cgroup, "/");
}

TEST_F(EnrichedProcess, IsNotALaterOneWithItsPid) {
  tree_.add({.pid = 1234, .start_ticks = 5001, .executable = "/usr/bin/evil"});
  const Process victim = enrich().victim;
  EXPECT_EQ(victim.alive, false);
  EXPECT_FALSE(victim.program.path);
}

TEST_F(EnrichedProcess, IsDeadAsAZombie) {
  tree_.add({.pid = 1234, .state = 'Z', .start_ticks = 5000});
  EXPECT_EQ(enrich().victim.alive, false);
}

TEST_F(EnrichedProcess, LivesOnInAThreadWhenItsFirstOneHasExited) {
  tree_.add({.pid = 1234, .state = 'Z', .start_ticks = 5000, .executable = "gone"});
  tree_.add_thread({.pid = 1234, .state = 'Z'}, 1234);
  tree_.add_thread({.pid = 1234, .start_ticks = 5001, .nspid = "1234\t7"}, 1235);
  const Process victim = enrich().victim;
  EXPECT_EQ(victim.alive, true);
  EXPECT_EQ(victim.program.path, "/usr/sbin/nginx");
  EXPECT_EQ(victim.vpid, 7U);
}

TEST_F(EnrichedProcess, IsNotSaidToBeDeadWhereProcShowsThePidsOfAnotherNamespace) {
  tree_.add({.pid = 1234, .start_ticks = 5000, .executable = "/usr/bin/evil"});
  Enricher::Options foreign = options();
  foreign.own_pid = 7000;
  std::filesystem::create_symlink("2", tree_.proc() / "self");
  const Process victim = Enricher(foreign).enrich(failure_).victim;
  EXPECT_FALSE(victim.alive.has_value());
  EXPECT_FALSE(victim.program.path);

  foreign.own_pid = 2;
  EXPECT_EQ(Enricher(foreign).enrich(failure_).victim.alive, true);
}

TEST_F(EnrichedProcess, ThatProcHidesIsNotSaidToBeDead) {
  std::filesystem::remove_all(tree_.proc() / "1");  // hidepid=2 hides it with the others
  failure_.owners = {owner(task(811), OwnerSource::kScan, {6})};
  const Incident incident = enrich();
  EXPECT_FALSE(incident.victim.alive.has_value());
  EXPECT_FALSE(incident.holders.at(0).process->alive.has_value());
  EXPECT_EQ(incident.holder_status, HolderStatus::kFound);
  EXPECT_FALSE(incident.holder_reason);
}

// By clone3(set_tid) a pid is another's at once.
TEST_F(EnrichedProcess, YoungerThanATickIsNotAnotherOneOfThatTickWithItsPid) {
  failure_.head.key.ktime_ns = 5000 * kTickNs + 9'000'000;
  tree_.add({.pid = 1234, .comm = "impostor", .start_ticks = 5000, .executable = "/usr/bin/evil"});
  EXPECT_FALSE(enrich().victim.alive.has_value()) << "it may have changed its name";
  EXPECT_FALSE(enrich().victim.program.path);

  tree_.remove(1234);
  tree_.add({.pid = 1234, .parent_pid = 666, .start_ticks = 5000, .executable = "/usr/bin/evil"});
  EXPECT_FALSE(enrich().victim.alive.has_value()) << "another parent";

  tree_.remove(1234);
  tree_.add({.pid = 1234, .start_ticks = 5000});
  EXPECT_EQ(enrich().victim.alive, true);
}

TEST_F(EnrichedProcess, OlderThanATickMayHaveChangedItsName) {
  failure_.head.key.ktime_ns = 5001 * kTickNs;
  tree_.add({.pid = 1234, .comm = "worker", .start_ticks = 5000});
  EXPECT_EQ(enrich().victim.alive, true);
}

TEST_F(EnrichedProcess, HasItsAncestors) {
  failure_.victim.parent_pid = 700;
  failure_.victim.parent_comm = "bash";
  tree_.add({.pid = 700, .comm = "bash"});
  const auto lineage = enrich().victim.lineage;
  ASSERT_TRUE(lineage);
  EXPECT_EQ(lineage->ancestors, (std::vector<Ancestor>{{700, "bash"}, {1, "systemd"}}));
  EXPECT_FALSE(lineage->cut);
}

TEST_F(EnrichedProcess, HasTheAncestorThatTheKernelSawWhereProcShowsOtherPids) {
  Enricher::Options foreign = options();
  foreign.own_pid = 7000;
  std::filesystem::create_symlink("2", tree_.proc() / "self");
  const auto lineage = Enricher(foreign).enrich(failure_).victim.lineage;
  ASSERT_TRUE(lineage);
  EXPECT_EQ(lineage->ancestors.at(0).pid, 1U);
  EXPECT_EQ(lineage->cut, "/proc shows the processes of another pid namespace");
}

TEST_F(EnrichedProcess, OfAHybridHostIsWhereSystemdsHierarchyPutsIt) {
  const std::string container = "/docker/" + std::string(64, 'a');
  failure_.victim.cgroup_names = {{"containerd.service"}, {"system.slice"}};
  tree_.add({.pid = 1234,
             .start_ticks = 5000,
             .cgroup = "1:name=systemd:" + container + "\n0::/system.slice/containerd.service\n"});
  const Process victim = enrich().victim;
  EXPECT_EQ(victim.place.container_id, std::string(64, 'a'));
  EXPECT_FALSE(victim.place.unit) << "its engine's";
  EXPECT_EQ(victim.cgroup, container);
}

TEST_F(EnrichedProcess, ThatRunsAnotherExecutableNowKeepsTheOneItHad) {
  tree_.add({.pid = 1234, .start_ticks = 5000, .executable = "/bin/sleep"});
  const Process victim = enrich().victim;
  EXPECT_EQ(victim.alive, true);
  EXPECT_EQ(victim.program.name, "nginx");
  EXPECT_FALSE(victim.program.path);
}

TEST_F(EnrichedProcess, ShowsNoArgumentsUnlessAsked) {
  tree_.add({.pid = 1234, .start_ticks = 5000, .argv = {"nginx", "--token=abc"}});
  EXPECT_FALSE(enrich().victim.command_line);
  EXPECT_EQ(enrich(true).victim.command_line, "nginx --token=***");
}

TEST_F(EnrichedProcess, BehindAnInterpreterIsTheScriptAndNoOtherArgument) {
  failure_.victim.executable_name = {"python3.11"};
  tree_.add({.pid = 1234,
             .start_ticks = 5000,
             .executable = "/usr/bin/python3.11",
             .argv = {"python3", "app.py", "--token=abc"},
             .cwd = "/srv"});
  const Process victim = enrich().victim;
  EXPECT_EQ(victim.program.script, "app.py");
  EXPECT_EQ(victim.program.script_identity, "/srv/app.py");
  EXPECT_FALSE(victim.command_line);
}

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

TEST_F(EnrichedHolder, ThatHasClosedTheSocketSinceIsSaidTo) {
  failure_.owners = {owner(task(811), OwnerSource::kScan, {1})};
  tree_.add({.pid = 811, .fd_targets = {"socket:[1]", "/dev/null"}});
  const Incident incident = enrich();
  EXPECT_EQ(incident.holders.at(0).closed_since, true);
  EXPECT_EQ(incident.holders[0].fds, std::vector<std::uint32_t>{1}) << "what it had";
  EXPECT_EQ(incident.holder_status, HolderStatus::kFound);
  EXPECT_EQ(incident.holder_reason, "nginx[811] has closed it since");
}

TEST_F(EnrichedHolder, ThatStillHasTheSocketIsSaidTo) {
  failure_.owners = {owner(task(811), OwnerSource::kScan, {1})};
  tree_.add({.pid = 811, .fd_targets = {"socket:[9001]"}});
  const Incident incident = enrich();
  EXPECT_EQ(incident.holders.at(0).closed_since, false) << "by another descriptor";
  EXPECT_FALSE(incident.holder_reason);
}

TEST_F(EnrichedHolder, WithMoreDescriptorsThanAreLookedAtMayStillHaveTheSocket) {
  failure_.owners = {owner(task(811), OwnerSource::kScan, {2000})};
  tree_.add({.pid = 811, .fd_targets = std::vector<std::string>(1025, "/dev/null")});
  const Incident incident = enrich();
  EXPECT_FALSE(incident.holders.at(0).closed_since.has_value());
  EXPECT_FALSE(incident.holder_reason);
}

TEST_F(EnrichedHolder, WhoseFirstThreadHasExitedMayStillHaveTheSocket) {
  failure_.owners = {owner(task(811), OwnerSource::kScan, {1})};
  tree_.add({.pid = 811, .state = 'Z'});
  tree_.add_thread({.pid = 811}, 812);
  EXPECT_EQ(enrich().holders.at(0).process->alive, true);
  EXPECT_FALSE(enrich().holders.at(0).closed_since.has_value()) << "threads may have tables of their own";
}

TEST_F(EnrichedHolder, ThatWasSeenByTheScanSaysWhen) {
  failure_.owners = {owner(task(811), OwnerSource::kScan, {6})};
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
  failure_.owners = {owner(task(811), OwnerSource::kScan, {0})};
  tree_.add({.pid = 811, .fd_targets = {"socket:[9001]", "socket:[9002]"}});
  const Incident incident = enrich();
  ASSERT_EQ(incident.holders.size(), 2U);
  EXPECT_EQ(incident.holders[0].source, HolderSource::kKernelAtFailure);
  EXPECT_EQ(incident.holders[1].source, HolderSource::kProcfs);
  EXPECT_EQ(incident.holders[1].seen_after_ns, 412'000U);
  EXPECT_FALSE(incident.holders[1].closed_since.has_value());
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

TEST_F(EnrichedHolder, IsSearchedWhereTheKernelNamedNobody) {
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

TEST_F(EnrichedHolder, IsSearchedForEachSocketThatTheKernelNamedNobodyFor) {
  failure_.sockets.push_back(listener());
  failure_.sockets[1].inode = kInode + 1;
  failure_.owners = {owner(task(811), OwnerSource::kScan, {6})};
  holdings_.add({.pid = 812, .start_boottime_ns = 300 * kTickNs, .comm = "nginx", .fd = 7, .inode = kInode + 1});
  const Incident incident = enrich();
  ASSERT_EQ(incident.holders.size(), 2U);
  EXPECT_EQ(incident.holders[0].source, HolderSource::kKernelAtFailure);
  EXPECT_EQ(incident.holders[1].process->pid, 812U);
  EXPECT_EQ(incident.holders[1].source, HolderSource::kIterator);
}

TEST_F(EnrichedHolder, WasNotSeenAtTheFailureWithASocketThatOnlyTheSearchShows) {
  failure_.sockets.push_back(listener());
  failure_.sockets[1].inode = kInode + 1;
  const Task nginx = task(811);
  failure_.owners = {owner(nginx, OwnerSource::kScan, {0})};
  holdings_.add(
      {.pid = 811, .start_boottime_ns = nginx.start_boottime_ns, .comm = "nginx", .fd = 1, .inode = kInode + 1});
  const Incident incident = enrich();
  ASSERT_EQ(incident.holders.size(), 2U);
  EXPECT_EQ(incident.holders[0].source, HolderSource::kKernelAtFailure);
  EXPECT_EQ(incident.holders[1].source, HolderSource::kIterator);
  EXPECT_TRUE(same_process(*incident.holders[0].process, *incident.holders[1].process));
}

TEST_F(EnrichedHolder, ThatIsTheVictimInTheSearchIsTheSameProcess) {
  failure_.scan.status = ScanStatus::kMissed;
  holdings_.add(
      {.pid = 1234, .start_boottime_ns = failure_.victim.start_boottime_ns, .comm = "nginx", .fd = 3, .inode = kInode});
  const Incident incident = enrich();
  EXPECT_TRUE(same_process(*incident.holders.at(0).process, incident.victim));
}

TEST_F(EnrichedHolder, IsSearchedFurtherWhereNotEveryProcessWasLookedAt) {
  const Task nginx = task(811);
  failure_.scan.status = ScanStatus::kPartial;
  failure_.owners = {owner(nginx, OwnerSource::kScan, {6})};
  holdings_.add({.pid = 811, .start_boottime_ns = nginx.start_boottime_ns, .comm = "nginx", .fd = 6, .inode = kInode});
  holdings_.add({.pid = 812, .start_boottime_ns = 300 * kTickNs, .comm = "heir", .fd = 6, .inode = kInode});
  const Incident incident = enrich();
  ASSERT_EQ(incident.holders.size(), 2U);
  EXPECT_EQ(incident.holders[0].source, HolderSource::kKernelAtFailure);
  EXPECT_EQ(incident.holders[1].source, HolderSource::kIterator);
}

TEST_F(EnrichedHolder, IsSearchedByTheAddressWhereTheWalkDidNotComeToTheListener) {
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

TEST_F(EnrichedHolder, IsNotNobodyWhereTheSearchFailed) {
  failure_.scan.status = ScanStatus::kMissed;
  holdings_.fail_with(fail_errno(EPERM, "make a BPF iterator"));
  const Incident incident = enrich();
  EXPECT_EQ(incident.holder_status, HolderStatus::kSkipped);
  EXPECT_EQ(incident.holder_reason, "the search for its process failed: make a BPF iterator: Operation not permitted");
}

TEST_F(EnrichedHolder, ThatNobodyIsHasAReason) {
  const Incident incident = enrich();
  ASSERT_EQ(incident.holders.size(), 1U);
  EXPECT_FALSE(incident.holders[0].process);
  EXPECT_EQ(incident.holder_status, HolderStatus::kNone);
  EXPECT_TRUE(incident.holder_reason);
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
  EXPECT_FALSE(incident.holders[0].seen_after_ns) << "it was not seen with it";
}

TEST_F(EnrichedHolder, IsNotALivingBinderThatHasLetGo) {
  failure_.scan.status = ScanStatus::kPartial;
  failure_.owners = {owner(task(811), OwnerSource::kMap, {})};
  tree_.add({.pid = 811});
  const Incident incident = enrich();
  EXPECT_FALSE(incident.holders.at(0).process);
}

class EnrichedBinder : public EnricherTest {
 protected:
  EnrichedBinder() { failure_.owners = {owner(task(811), OwnerSource::kScan, {6})}; }

  // The binder that the record tells, and that is said of the holder.
  std::optional<BoundBy> bound_by(const Holdings::Bind& bind) {
    holdings_.note(bind);
    return enrich().holders.at(0).bound_by;
  }
  Holdings::Bind bind_ = {.inode = kInode,
                          .pid = 77,
                          .start_boottime_ns = 70 * kTickNs,
                          .comm = "master",
                          .ktime_ns = kFailureTime - 22 * kSecond};
};

TEST_F(EnrichedBinder, IsNamedWithTheTimeSince) {
  const auto by = bound_by(bind_);
  ASSERT_TRUE(by);
  EXPECT_EQ(by->pid, 77U);
  EXPECT_EQ(by->comm, "master");
  EXPECT_EQ(by->ms_ago, 22'000);
  EXPECT_EQ(by->alive, false);
}

TEST_F(EnrichedBinder, LivesWithItsStartTimeOnly) {
  tree_.add({.pid = 77, .start_ticks = 70});
  EXPECT_EQ(bound_by(bind_)->alive, true);
  bind_.start_boottime_ns += kTickNs;
  EXPECT_EQ(bound_by(bind_)->alive, false) << "another process with that pid";
}

TEST_F(EnrichedBinder, ThatBoundWithinATickOfItsStartIsNotAnotherOneOfThatTickWithItsPid) {
  bind_.ktime_ns = bind_.start_boottime_ns + 1000;
  tree_.add({.pid = 77, .comm = "impostor", .start_ticks = 70});
  EXPECT_FALSE(bound_by(bind_)->alive.has_value()) << "it may have changed its name";
  tree_.remove(77);
  tree_.add({.pid = 77, .comm = "master", .start_ticks = 70});
  EXPECT_EQ(bound_by(bind_)->alive, true);
}

TEST_F(EnrichedBinder, HasNoTimeWhereItWasOnlySeenAtTheStart) {
  bind_.seeded = true;
  const auto by = bound_by(bind_);
  EXPECT_EQ(by->pid, 77U);
  EXPECT_FALSE(by->ms_ago);
}

TEST_F(EnrichedBinder, OfALaterSocketWithThatInodeIsAnother) {
  bind_.ktime_ns = kFailureTime + 1;
  EXPECT_FALSE(bound_by(bind_));
}

TEST_F(EnrichedBinder, OfAnotherPortIsOfAnEarlierSocketWithThatInode) {
  bind_.port = 81;
  EXPECT_FALSE(bound_by(bind_));
}

TEST_F(EnrichedBinder, IsUnknownWithoutARecord) {
  EXPECT_FALSE(enrich().holders.at(0).bound_by);
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

TEST_F(EnrichedHolder, SearchesThatTakeMoreThanTheirShareOfTimeAreLeftOut) {
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

TEST_F(EnrichedHolder, ThatTheKernelSawIsNotSearchedForMoreThanItsShareOfTime) {
  failure_.owners = {owner(task(811), OwnerSource::kScan, {6})};
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

TEST_F(EnricherTest, NamesTheNetworkNamespaceAndTellsWhetherItIsOurs) {
  failure_.request.netns = 4026532281;
  EXPECT_FALSE(enrich().netns_name);
  EXPECT_FALSE(enrich().in_other_netns) << "which is ours is not known";
  Enricher::Options own = options();
  own.own_netns = 4026531840;
  EXPECT_TRUE(Enricher(own).enrich(failure_).in_other_netns);
  own.own_netns = 4026532281;
  EXPECT_FALSE(Enricher(own).enrich(failure_).in_other_netns);
}

TEST_F(EnricherTest, TellsHowLateItLooked) {
  EXPECT_EQ(enrich().observed_boottime_ns - kFailureTime, 412'000U);
}

TEST(HostFacts, ComeFromTheirFilesAndAreUnknownWithout) {
  ProcTree tree;
  tree.write("proc/sys/kernel/hostname", "web1\n");
  tree.write("proc/sys/kernel/random/boot_id", "b00t\n");
  tree.write("etc/machine-id", "\n");
  const HostFacts host = read_host_facts(tree.proc(), tree.etc(), "0.1.0");
  EXPECT_EQ(host.name, "web1");
  EXPECT_EQ(host.boot_id, "b00t");
  EXPECT_FALSE(host.id);
  EXPECT_FALSE(host.os_version);
  EXPECT_EQ(host.service_version, "0.1.0");
}

TEST(UnifiedCgroups, AreInUseWhereAProcessHasALineOfThem) {
  ProcTree tree;
  tree.write("proc/self/cgroup", "2:cpu:/a\n0::/b\n");
  EXPECT_TRUE(has_unified_cgroups(tree.proc()));
  tree.write("proc/self/cgroup", "10::/a\n2:cpu:/0::\n");
  EXPECT_FALSE(has_unified_cgroups(tree.proc()));
  EXPECT_TRUE(has_unified_cgroups("/nonexistent"));
}

}  // namespace
}  // namespace bindtrace
