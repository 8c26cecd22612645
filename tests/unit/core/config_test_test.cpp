// SPDX-License-Identifier: Apache-2.0
#include "core/config_test.h"

#include <vector>

#include <gtest/gtest.h>

namespace bindtrace {
namespace {

using Words = std::vector<std::string>;

TEST(ConfigTest, IsAskedForByALetterOfAnOption) {
  EXPECT_EQ(config_test_of("nginx", Words{"nginx", "-t"}), "nginx -t");
  EXPECT_EQ(config_test_of("nginx", Words{"nginx", "-c", "/etc/x.conf", "-T"}), "nginx -T");
  EXPECT_EQ(config_test_of("nginx", Words{"nginx", "-qt"}), "nginx -t");
  EXPECT_EQ(config_test_of("angie", Words{"/usr/sbin/angie", "-tq"}), "angie -t");
}

TEST(ConfigTest, IsNotInTheValueOfAnother) {
  EXPECT_FALSE(config_test_of("nginx", Words{"nginx", "-c", "-t"}));
  EXPECT_FALSE(config_test_of("nginx", Words{"nginx", "-ctest.conf"}));
  EXPECT_FALSE(config_test_of("nginx", Words{"nginx", "-g", "daemon off;"}));
  EXPECT_FALSE(config_test_of("nginx", Words{"nginx", "-s", "-t"}));
  EXPECT_FALSE(config_test_of("nginx", Words{"-t"})) << "that is its name";
}

TEST(ConfigTest, IsKnownOfProgramsThatBindForIt) {
  EXPECT_TRUE(may_test_configuration("nginx"));
  EXPECT_FALSE(may_test_configuration("haproxy"));
  EXPECT_FALSE(config_test_of("haproxy", Words{"haproxy", "-t"}));
}

}  // namespace
}  // namespace bindtrace
