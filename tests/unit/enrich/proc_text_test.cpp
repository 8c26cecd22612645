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
  EXPECT_FALSE(stat->exiting);
}

TEST(ProcStat, ANameMayHoldParenthesesSpacesAndLineBreaks) {
  const auto stat = parse_stat("811 (a) S 1\n(b) 9)" + kRest);
  ASSERT_TRUE(stat);
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

TEST(CgroupFile, TheUnifiedHierarchyCounts) {
  EXPECT_EQ(parse_cgroup("0::/system.slice/nginx.service\n"), "/system.slice/nginx.service");
}

TEST(CgroupFile, WithoutOneSystemdsOwnDoes) {
  EXPECT_EQ(parse_cgroup("2:cpu:/x\n1:name=systemd:/system.slice/nginx.service\n"), "/system.slice/nginx.service");
}

TEST(CgroupFile, OnHybridHostsTheOneThatNamesAUnitCounts) {
  EXPECT_EQ(parse_cgroup("1:name=systemd:/system.slice/nginx.service\n0::/\n"), "/system.slice/nginx.service");
  EXPECT_EQ(parse_cgroup("1:name=systemd:/\n0::/system.slice/nginx.service\n"), "/system.slice/nginx.service");
}

TEST(CgroupFile, APathMayHoldColons) {
  EXPECT_EQ(parse_cgroup("0::/a:b:c\n"), "/a:b:c");
}

TEST(CgroupFile, AnEmptyFileSaysNothing) {
  EXPECT_FALSE(parse_cgroup(""));
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
