// SPDX-License-Identifier: Apache-2.0
#include "core/blind_spots.h"

#include <string_view>

#include <gtest/gtest.h>

#include "incidents.h"

namespace bindtrace {
namespace {

bool names(const Sight& sight, std::string_view words) {
  return any_contains(blind_spots(sight), words);
}

// Of a host where nothing is amiss.
Sight best(const std::string& tier) {
  return {.tier = tier, .vsock_types = true, .cgroups = CgroupHierarchy::kV2, .initial_pid_namespace = true};
}

TEST(BlindSpots, OfTheTracepointTierAreKernelBindsAndForgedAddresses) {
  for (const char* words : {"kernel_bind", "the address is read from the caller's memory"}) {
    EXPECT_TRUE(names(best("tracepoint"), words)) << words;
    EXPECT_FALSE(names(best("fexit"), words)) << words;
    EXPECT_FALSE(names(best("kprobe"), words)) << words;
  }
}

TEST(BlindSpots, OfTheOtherTiersAreTheAddressesThatTheKernelHasNoCopyOf) {
  EXPECT_TRUE(names(best("fexit"), "requests for port 0 are read from the caller's memory"));
  EXPECT_TRUE(names(best("kprobe"), "requests for port 0 are read from the caller's memory"));
  EXPECT_FALSE(names(best("tracepoint"), "requests for port 0"));
}

TEST(BlindSpots, OfPreemptedProgramsAreFailuresOnOneCpuButNotByKprobes) {
  for (const char* tier : {"fexit", "tracepoint", "kprobe"}) {
    Sight sight = best(tier);
    EXPECT_FALSE(names(sight, "on one CPU at once")) << tier;
    sight.programs_preempted = true;
    EXPECT_EQ(names(sight, "on one CPU at once"), sight.tier != "kprobe") << tier;
  }
}

TEST(BlindSpots, OfTheKprobeTierAreTasksThatSleepInBind) {
  EXPECT_TRUE(names(best("kprobe"), "sleep inside bind"));
  EXPECT_FALSE(names(best("fexit"), "sleep inside bind"));
}

TEST(BlindSpots, WithoutRecordsOfBindsAreBinders) {
  Sight sight = best("fexit");
  EXPECT_FALSE(names(sight, "--no-bound-by"));
  sight.records_binds = false;
  EXPECT_TRUE(names(sight, "--no-bound-by"));
}

TEST(BlindSpots, OfAHostAreNamedOnlyWhereTheyAreKnown) {
  Sight unknown;
  unknown.tier = "fexit";
  EXPECT_EQ(blind_spots(unknown), blind_spots(best("fexit")));

  Sight poor = best("fexit");
  poor.vsock_types = false;
  poor.cgroups = CgroupHierarchy::kV1;
  poor.initial_pid_namespace = false;
  poor.proc_shows_all = false;
  EXPECT_TRUE(names(poor, "hidepid"));
  EXPECT_FALSE(names(best("fexit"), "hidepid"));
  EXPECT_TRUE(names(poor, "vsock gives no type information"));
  EXPECT_TRUE(names(poor, "cgroup v1 alone"));
  EXPECT_TRUE(names(poor, "--pid=host"));
  poor.cgroups = CgroupHierarchy::kHybrid;
  EXPECT_TRUE(names(poor, "v2 hierarchy alone"));
  EXPECT_FALSE(names(poor, "cgroup v1 alone"));
}

TEST(BlindSpots, OfNoTierAreNotListed) {
  EXPECT_TRUE(blind_spots(Sight{}).empty());
}

}  // namespace
}  // namespace bindtrace
