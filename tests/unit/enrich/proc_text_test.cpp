// SPDX-License-Identifier: Apache-2.0
#include "enrich/proc_text.h"

#include <gtest/gtest.h>

namespace bindtrace {
namespace {

const std::string kRest = " S 7 1 1 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 4242 9 9\n";

TEST(ProcStat, StartTimeIsField22) {
  const auto stat = parse_stat("811 (nginx)" + kRest);
  ASSERT_TRUE(stat);
  EXPECT_EQ(stat->start_ticks, 4242U);
  EXPECT_EQ(stat->state, 'S');
  EXPECT_EQ(stat->comm, "nginx");
  EXPECT_EQ(stat->parent_pid, 7U);
  EXPECT_FALSE(stat->exiting);
}

TEST(ProcStat, ANameMayHoldParenthesesSpacesAndLineBreaks) {
  const auto stat = parse_stat("811 (a) S 1\n(b) 9)" + kRest);
  ASSERT_TRUE(stat);
  EXPECT_EQ(stat->comm, "a) S 1\n(b) 9");
  EXPECT_EQ(stat->state, 'S');
  EXPECT_EQ(stat->start_ticks, 4242U);
}

TEST(ProcStat, AFlagTellsThatItExits) {
  EXPECT_TRUE(parse_stat("811 (x) R 7 1 1 0 -1 4194564 1 0 0 0 0 0 0 0 20 0 1 0 4242 9 9")->exiting);
}

TEST(ProcStat, WhatIsNoStatLineIsNothing) {
  for (const char* text :
       {"", "811", "811 (x", "811 (x) S 7", ") (", "811 (x) S 7 1 1 0 -1 4 1 0 0 0 0 0 0 0 20 0 1 0 x"}) {
    EXPECT_FALSE(parse_stat(text)) << text;
  }
}

TEST(ProcStatus, TheInnermostPidIsTheLast) {
  EXPECT_EQ(parse_vpid("Name:\tx\nNStgid:\t811\t7\t1\nPid:\t5\n"), 1U);
}

TEST(ProcStatus, WhatIsNotThereIsUnknown) {
  EXPECT_FALSE(parse_vpid("Name:\tx\nNStgid:\n"));
  EXPECT_FALSE(parse_vpid(""));
}

TEST(Cmdline, IsSplitAtNuls) {
  using namespace std::string_view_literals;
  EXPECT_EQ(parse_cmdline("nginx\0-g\0\0x\0"sv, false), (std::vector<std::string>{"nginx", "-g", "", "x"}));
}

TEST(Cmdline, ATitleWithoutANulIsOneArgument) {
  EXPECT_EQ(parse_cmdline("nginx: master", false), std::vector<std::string>{"nginx: master"});
}

TEST(Cmdline, ACutLineLosesItsLastArgument) {
  using namespace std::string_view_literals;
  EXPECT_EQ(parse_cmdline("java\0-cp\0/very/lo"sv, true), (std::vector<std::string>{"java", "-cp"}));
}

std::optional<std::string> cgroup_of(std::string_view text) {
  const auto cgroup = parse_cgroup(text);
  return cgroup ? std::optional(cgroup->path) : std::nullopt;
}

TEST(CgroupFile, TheUnifiedHierarchyCounts) {
  const auto cgroup = parse_cgroup("0::/system.slice/nginx.service\n");
  ASSERT_TRUE(cgroup);
  EXPECT_EQ(cgroup->path, "/system.slice/nginx.service");
  EXPECT_TRUE(cgroup->unified);
}

TEST(CgroupFile, WithoutOneSystemdsOwnDoes) {
  const auto cgroup = parse_cgroup("2:cpu:/x\n1:name=systemd:/system.slice/nginx.service\n");
  ASSERT_TRUE(cgroup);
  EXPECT_EQ(cgroup->path, "/system.slice/nginx.service");
  EXPECT_FALSE(cgroup->unified);
}

TEST(CgroupFile, OnHybridHostsTheOneThatNamesAUnitCounts) {
  EXPECT_EQ(cgroup_of("1:name=systemd:/system.slice/nginx.service\n0::/\n"), "/system.slice/nginx.service");
  EXPECT_EQ(cgroup_of("1:name=systemd:/\n0::/system.slice/nginx.service\n"), "/system.slice/nginx.service");
}

TEST(CgroupFile, OfEqualsTheUnifiedHierarchyGoesFirst) {
  EXPECT_EQ(cgroup_of("1:name=systemd:/a.service\n0::/b.service\n"), "/b.service");
  EXPECT_EQ(cgroup_of("2:cpu:/c.service\n1:name=systemd:/a.service\n"), "/a.service");
  EXPECT_EQ(cgroup_of("2:cpu:/c\n1:name=systemd:/a\n0::/b\n"), "/b");
}

// Docker with the driver cgroupfs moves its containers in the hierarchies of v1 alone.
TEST(CgroupFile, OnAHybridHostAContainerIsNotItsEngine) {
  const std::string container = "/docker/" + std::string(64, 'a');
  const std::string text = "12:pids:" + container + "\n4:cpu,cpuacct:" + container + "\n1:name=systemd:" + container +
                           "\n0::/system.slice/containerd.service\n";
  EXPECT_EQ(cgroup_of(text), container);
}

TEST(CgroupFile, OfDockerOnV1IsTheContainers) {
  const std::string container = "/docker/" + std::string(64, 'a');
  EXPECT_EQ(cgroup_of("11:memory:" + container + "\n3:cpuset:/\n1:name=systemd:" + container + "\n"), container);
}

// Alpine's: no hierarchy of systemd's.
TEST(CgroupFile, WithoutSystemdAControllerTellsTheContainer) {
  const std::string container = "/docker/" + std::string(64, 'a');
  EXPECT_EQ(cgroup_of("9:cpuset:/\n2:memory:" + container + "\n1:name=openrc:" + container + "\n"), container);
  EXPECT_FALSE(cgroup_of("9:cpuset:/\n1:name=openrc:/sshd\n")) << "whose they are is not known";
}

TEST(CgroupFile, OfAUserServiceOnV1IsItsManagers) {
  EXPECT_EQ(cgroup_of("5:pids:/user.slice/user-1000.slice/user@1000.service\n"
                      "1:name=systemd:/user.slice/user-1000.slice/user@1000.service/foo.service\n"),
            "/user.slice/user-1000.slice/user@1000.service/foo.service");
}

TEST(CgroupFile, ThatHasBeenRemovedKeepsItsName) {
  EXPECT_EQ(cgroup_of("0::/system.slice/nginx.service (deleted)\n"), "/system.slice/nginx.service");
}

TEST(CgroupFile, APathMayHoldColons) {
  EXPECT_EQ(cgroup_of("0::/a:b:c\n"), "/a:b:c");
}

TEST(CgroupFile, AnEmptyFileSaysNothing) {
  EXPECT_FALSE(parse_cgroup(""));
  EXPECT_FALSE(parse_cgroup("\n0::\nx"));
}

TEST(SocketLink, GivesTheInode) {
  EXPECT_EQ(parse_socket_link("socket:[12345]"), 12345U);
}

TEST(SocketLink, OtherTargetsGiveNothing) {
  for (const char* target : {"socket:[]", "socket:[12", "socket:[x]", "pipe:[12]", "/tmp/socket:[12]", ""}) {
    EXPECT_FALSE(parse_socket_link(target)) << target;
  }
}

}  // namespace
}  // namespace bindtrace
