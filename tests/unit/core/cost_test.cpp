// SPDX-License-Identifier: Apache-2.0
#include "core/cost.h"

#include <gtest/gtest.h>

namespace bindtrace {
namespace {

TEST(Cost, IsTheDifferenceOfMedians) {
  const CallCost cost = compare("bind", 20, {{102, 100, 98, 101, 99}, {122, 120, 118, 121, 119}});
  EXPECT_EQ(cost.call, "bind");
  EXPECT_EQ(cost.calls, 100U);
  EXPECT_EQ(cost.untraced_ns, 100);
  EXPECT_EQ(cost.traced_ns, 120);
  EXPECT_TRUE(cost.is_told());
}

TEST(Cost, OfSamplesThatDifferMoreAmongThemselvesIsNoise) {
  const CallCost cost = compare("bind", 1, {{80, 90, 100, 110, 120}, {81, 91, 101, 111, 121}});
  EXPECT_GT(cost.noise_ns, 1);
  EXPECT_FALSE(cost.is_told());
}

TEST(Cost, IsNotMovedByOneInterruptedSample) {
  const CallCost cost = compare("bind", 1, {{100, 100, 100, 100, 9000}, {110, 110, 110, 110, 110}});
  EXPECT_EQ(cost.untraced_ns, 100);
  EXPECT_EQ(cost.noise_ns, 0);
  EXPECT_TRUE(cost.is_told());
}

TEST(Cost, OfOneSampleIsThatSample) {
  const CallCost cost = compare("bind", 7, {{50}, {60}});
  EXPECT_EQ(cost.calls, 7U);
  EXPECT_EQ(cost.untraced_ns, 50);
  EXPECT_EQ(cost.traced_ns, 60);
}

}  // namespace
}  // namespace bindtrace
