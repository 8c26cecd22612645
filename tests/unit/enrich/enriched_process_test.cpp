// SPDX-License-Identifier: Apache-2.0
// What is said of the victim, from the kernel's record and /proc; and how late.
#include "enrich/enricher.h"

#include <filesystem>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "enrichment.h"

namespace bindtrace {
namespace {

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

TEST_F(EnrichedProcess, ThatHasEndedHasTheArgumentsThatTheKernelSideRead) {
  using std::string_literals::operator""s;
  failure_.victim.executable_name = {"python3.11"};
  failure_.victim.arguments = "python3\0/srv/api.py\0--token=abc\0"s;
  EXPECT_EQ(enrich().victim.program.script, "/srv/api.py");
  EXPECT_FALSE(enrich().victim.command_line);
  EXPECT_EQ(enrich(/*show_args=*/true).victim.command_line, "python3 /srv/api.py --token=***");

  failure_.victim.arguments_cut = true;
  EXPECT_FALSE(enrich(/*show_args=*/true).victim.command_line);
  failure_.victim.arguments = "python3\0/srv/ap"s;
  EXPECT_FALSE(enrich().victim.program.script) << "it is not whole";
}

TEST_F(EnrichedProcess, WhoseArgumentsAreGoneFromProcHasThoseOfTheKernelSide) {
  using std::string_literals::operator""s;
  failure_.victim.executable_name = {"python3.11"};
  failure_.victim.arguments = "python3\0/srv/api.py\0--tok"s;
  failure_.victim.arguments_cut = true;
  tree_.add({.pid = 1234, .start_ticks = 5000, .executable = "/usr/bin/python3.11"});
  const Process victim = enrich(/*show_args=*/true).victim;
  EXPECT_EQ(victim.program.path, "/usr/bin/python3.11");
  EXPECT_EQ(victim.program.script, "/srv/api.py");
  EXPECT_FALSE(victim.command_line) << "it is not whole";
}

TEST_F(EnrichedProcess, IsAConfigTestByTheArgumentsThatItHadThen) {
  using std::string_literals::operator""s;
  failure_.victim.arguments = "nginx\0-t\0"s;
  tree_.add({.pid = 1234, .start_ticks = 5000, .argv = {"nginx: master process"}});
  EXPECT_EQ(enrich().victim.config_test, "nginx -t");
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

TEST_F(EnrichedProcess, IsToldWithHowLateItWasLookedAt) {
  EXPECT_EQ(enrich().observed_boottime_ns - kFailureTime, 412'000U);
}

TEST_F(EnrichedProcess, ThatProcHidesIsNotSaidToBeDead) {
  std::filesystem::remove_all(tree_.proc() / "1");  // hidepid=2 hides it with the others
  failure_.owners = {owner(task(811), {6})};
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

TEST_F(EnrichedProcess, NamesTheNetworkNamespaceAndTellsWhetherItIsOurs) {
  failure_.request.netns = 4026532281;
  EXPECT_FALSE(enrich().netns_name);
  EXPECT_FALSE(enrich().in_other_netns) << "which is ours is not known";
  Enricher::Options own = options();
  own.own_netns = 4026531840;
  EXPECT_TRUE(Enricher(own).enrich(failure_).in_other_netns);
  own.own_netns = 4026532281;
  EXPECT_FALSE(Enricher(own).enrich(failure_).in_other_netns);
}

}  // namespace
}  // namespace bindtrace
