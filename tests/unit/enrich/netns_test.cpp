// SPDX-License-Identifier: Apache-2.0
#include "enrich/netns.h"

#include <gtest/gtest.h>

#include "proc_tree.h"

namespace bindtrace {
namespace {

TEST(NetnsFile, ThatIsMissingIsSaidToBe) {
  EXPECT_EQ(netns_at("/nonexistent/netns").error().message, "No such file or directory");
}

TEST(NetnsFile, ThatIsAnyOtherFileIsNone) {
  const ProcTree tree;
  EXPECT_EQ(netns_at((tree.etc() / "passwd").string()).error().message, "it is another kind of file");
  EXPECT_EQ(netns_at(tree.etc().string()).error().message, "it is another kind of file");
  EXPECT_EQ(netns_at("/dev/null").error().message, "it is another kind of file");
}

TEST(NetnsFile, ThatIsNoneIsNotEntered) {
  const ProcTree tree;
  bool called = false;
  const auto entered = in_netns((tree.etc() / "passwd").string(), 4026532281, [&] { called = true; });
  ASSERT_FALSE(entered);
  EXPECT_EQ(entered.error().message, "it is another kind of file");
  EXPECT_FALSE(called);
}

}  // namespace
}  // namespace bindtrace
