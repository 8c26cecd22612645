// SPDX-License-Identifier: Apache-2.0
#include "enrich/lineage.h"

#include <gtest/gtest.h>

#include "proc_tree.h"

namespace bindtrace {
namespace {

constexpr std::uint64_t kStartTicks = 5000;

class LineageOf : public testing::Test {
 protected:
  LineageOf() {
    task_.pid = 1234;
    task_.parent_pid = 700;
    task_.parent_comm = "bash";
  }

  Lineage read() const { return read_lineage(tree_.proc(), task_, kStartTicks); }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const Ancestor& ancestor : read().ancestors) {
      names.push_back(ancestor.comm + '[' + std::to_string(ancestor.pid) + ']');
    }
    return names;
  }

  ProcTree tree_;
  Task task_;
};

TEST_F(LineageOf, AProcessReachesTheFirstOne) {
  tree_.add({.pid = 700, .comm = "bash", .parent_pid = 512, .start_ticks = 4000});
  tree_.add({.pid = 512, .comm = "sshd", .parent_pid = 1, .start_ticks = 3000});
  EXPECT_EQ(names(), (std::vector<std::string>{"bash[700]", "sshd[512]", "systemd[1]"}));
  EXPECT_FALSE(read().cut);
}

TEST_F(LineageOf, AChildOfTheFirstOneNeedsNoLook) {
  task_.parent_pid = 1;
  task_.parent_comm = "systemd";
  EXPECT_EQ(names(), std::vector<std::string>{"systemd[1]"});
  EXPECT_FALSE(read().cut);
}

TEST_F(LineageOf, AProcessWithoutAParentIsEmptyAndWhole) {
  task_.parent_pid.reset();
  EXPECT_TRUE(read().ancestors.empty());
  EXPECT_FALSE(read().cut);
}

TEST_F(LineageOf, AKernelThreadEndsAtTheirParent) {
  task_.parent_pid = 2;
  task_.parent_comm = "kthreadd";
  tree_.add({.pid = 2, .comm = "kthreadd", .parent_pid = 0, .start_ticks = 1});
  EXPECT_EQ(names(), std::vector<std::string>{"kthreadd[2]"});
  EXPECT_FALSE(read().cut);
}

TEST_F(LineageOf, AnOrphanHasTheParentThatTheKernelSaw) {
  EXPECT_EQ(names(), std::vector<std::string>{"bash[700]"});
  EXPECT_EQ(read().cut, "bash[700] is not to be seen in /proc");
}

TEST_F(LineageOf, AProcessDoesNotGoOnWithWhoHasTheParentsPidNow) {
  tree_.add({.pid = 700, .comm = "evil", .parent_pid = 666, .start_ticks = kStartTicks + 1});
  tree_.add({.pid = 666, .comm = "evil", .parent_pid = 1, .start_ticks = 1});
  EXPECT_EQ(names(), std::vector<std::string>{"bash[700]"});
  EXPECT_EQ(read().cut, "bash[700] is not to be seen in /proc");
}

TEST_F(LineageOf, ALaterProcessWithAGrandparentsPidIsNone) {
  tree_.add({.pid = 700, .comm = "bash", .parent_pid = 512, .start_ticks = 4000});
  tree_.add({.pid = 512, .comm = "evil", .parent_pid = 1, .start_ticks = 4001});
  EXPECT_EQ(names(), std::vector<std::string>{"bash[700]"});
  EXPECT_EQ(read().cut, "the parent of bash[700] is not to be seen in /proc");
}

TEST_F(LineageOf, ParentAndChildMayStartWithinOneTick) {
  tree_.add({.pid = 700, .comm = "bash", .parent_pid = 1, .start_ticks = kStartTicks});
  EXPECT_EQ(names(), (std::vector<std::string>{"bash[700]", "systemd[1]"}));
}

TEST_F(LineageOf, ALongOneIsCutAndSaysSo) {
  for (std::uint32_t pid = 700; pid > 690; --pid) {
    tree_.add({.pid = pid, .comm = "sh", .parent_pid = pid - 1, .start_ticks = 4000});
  }
  EXPECT_EQ(read().ancestors.size(), kMaxAncestors);
  EXPECT_EQ(read().cut, "there are more than 8");
}

TEST_F(LineageOf, ACircleEnds) {
  tree_.add({.pid = 700, .comm = "bash", .parent_pid = 700, .start_ticks = 4000});
  EXPECT_EQ(read().ancestors.size(), kMaxAncestors);
  EXPECT_TRUE(read().cut);
}

}  // namespace
}  // namespace bindtrace
