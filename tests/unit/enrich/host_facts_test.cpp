// SPDX-License-Identifier: Apache-2.0
// What is said of the machine, from its files.
#include "enrich/host_facts.h"

#include <gtest/gtest.h>

#include "proc_tree.h"

namespace bindtrace {
namespace {

TEST(HostFacts, ComeFromTheirFilesAndAreUnknownWithout) {
  ProcTree tree;
  tree.write("proc/sys/kernel/hostname", "web1\n");
  tree.write("proc/sys/kernel/random/boot_id", "b00t\n");
  tree.write("etc/machine-id", "\n");
  const HostFacts host = read_host_facts(tree.proc(), tree.etc(), "0.1.0");
  EXPECT_EQ(host.name, "web1");
  EXPECT_EQ(host.boot_id, "b00t");
  EXPECT_FALSE(host.id);
  EXPECT_FALSE(host.os_version);
  EXPECT_EQ(host.service_version, "0.1.0");
}

TEST(UnifiedCgroups, AreInUseWhereAProcessHasALineOfThem) {
  ProcTree tree;
  tree.write("proc/self/cgroup", "2:cpu:/a\n0::/b\n");
  EXPECT_TRUE(has_unified_cgroups(tree.proc()));
  tree.write("proc/self/cgroup", "10::/a\n2:cpu:/0::\n");
  EXPECT_FALSE(has_unified_cgroups(tree.proc()));
  EXPECT_TRUE(has_unified_cgroups("/nonexistent"));
}

}  // namespace
}  // namespace bindtrace
