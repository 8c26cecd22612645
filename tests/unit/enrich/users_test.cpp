// SPDX-License-Identifier: Apache-2.0
#include "enrich/users.h"

#include <gtest/gtest.h>

#include "proc_tree.h"

namespace bindtrace {
namespace {

TEST(Users, AreNamedByTheirId) {
  const ProcTree tree;
  EXPECT_EQ(Users(tree.etc() / "passwd").name_of(33), "www-data");
}

TEST(Users, OneThatIsNotListedHasNoName) {
  const ProcTree tree;
  EXPECT_FALSE(Users(tree.etc() / "passwd").name_of(1000));
}

TEST(Users, HaveTheIdOfTheFirstLineOfTheirName) {
  ProcTree tree;
  tree.write("etc/passwd", "broken\nme:x:id:0\nme:x:1000:1000::/:/bin/sh\nme:x:1001:1001::/:/bin/sh\n");
  EXPECT_EQ(Users(tree.etc() / "passwd").uid_of("me"), 1000U);
  EXPECT_FALSE(Users(tree.etc() / "passwd").uid_of("you"));
  EXPECT_FALSE(Users("/nonexistent/passwd").uid_of("me"));
}

TEST(Users, OneThatIsAddedLaterIsFound) {
  ProcTree tree;
  Users users(tree.etc() / "passwd");
  EXPECT_FALSE(users.name_of(1000));
  tree.write("etc/passwd", "me:x:1000:1000::/:/bin/sh\n");
  EXPECT_EQ(users.name_of(1000), "me");
}

TEST(Users, LinesThatMakeNoSenseAreLeftOut) {
  ProcTree tree;
  tree.write("etc/passwd", "broken\nalso:broken\nbad:x:id:0\n\nfirst:x:5:5\nsecond:x:5:5\n");
  Users users(tree.etc() / "passwd");
  EXPECT_EQ(users.name_of(5), "first");
  EXPECT_FALSE(users.name_of(0));
}

TEST(Users, WithoutAFileNobodyHasAName) {
  EXPECT_FALSE(Users("/nonexistent/passwd").name_of(0));
}

}  // namespace
}  // namespace bindtrace
