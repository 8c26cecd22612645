// SPDX-License-Identifier: Apache-2.0
#include "core/checkup.h"

#include <memory>

#include <gtest/gtest.h>

namespace bindtrace {
namespace {

TEST(Checkup, EachCapabilityThatIsMissingCostsSomething) {
  for (const char* name : {"CAP_BPF", "CAP_PERFMON", "CAP_SYS_ADMIN", "CAP_SYS_PTRACE", "CAP_DAC_READ_SEARCH"}) {
    EXPECT_FALSE(lost_without(name, false).empty()) << name;
  }
  EXPECT_EQ(lost_without("CAP_CHOWN", false), "");
}

TEST(Checkup, CapSysAdminStandsForWhatItIncludes) {
  EXPECT_EQ(lost_without("CAP_BPF", true), "not needed: CAP_SYS_ADMIN includes it");
  EXPECT_EQ(lost_without("CAP_PERFMON", true), "not needed: CAP_SYS_ADMIN includes it");
  EXPECT_EQ(lost_without("CAP_SYS_PTRACE", true), lost_without("CAP_SYS_PTRACE", false));
}

TEST(Checkup, TheVerdictNamesTheTierOrTheTrouble) {
  Checkup checkup;
  HostFacts host;
  host.service_version = "1.2.3";
  checkup.host = std::make_shared<const HostFacts>(host);
  checkup.tier = "fexit";
  EXPECT_EQ(verdict(checkup), "bindtrace 1.2.3 works here, by tier fexit");
  checkup.unproven = "no loopback";
  EXPECT_EQ(verdict(checkup),
            "bindtrace 1.2.3 works here, by tier fexit, but nothing proves it: the self-check could not be made");
  checkup.tier.clear();
  checkup.trouble = "missing CAP_BPF: run it as root";
  EXPECT_EQ(verdict(checkup), "bindtrace 1.2.3 does not work here: missing CAP_BPF: run it as root");
}

}  // namespace
}  // namespace bindtrace
