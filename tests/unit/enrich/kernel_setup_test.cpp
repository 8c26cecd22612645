// SPDX-License-Identifier: Apache-2.0
#include "enrich/kernel_setup.h"

#include <filesystem>
#include <string_view>

#include <gtest/gtest.h>

#include "proc_tree.h"

namespace bindtrace {
namespace {

class KernelSetup : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path sys() const { return tree_.proc().parent_path() / "sys"; }
  void link(const char* name, const char* target) const {
    std::filesystem::create_directories((tree_.proc() / name).parent_path());
    std::filesystem::create_symlink(target, tree_.proc() / name);
  }

  ProcTree tree_;
};

TEST_F(KernelSetup, TheLockdownInForceIsTheOneInBrackets) {
  tree_.write("sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
  EXPECT_EQ(read_lockdown(sys()), "integrity");
  tree_.write("sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
  EXPECT_EQ(read_lockdown(sys()), "none");
}

TEST_F(KernelSetup, ALockdownThatIsNotToldIsUnknown) {
  EXPECT_EQ(read_lockdown(sys()), std::nullopt);
  for (const char* garbage : {"none integrity", "]none[", "[", ""}) {
    tree_.write("sys/kernel/security/lockdown", garbage);
    EXPECT_EQ(read_lockdown(sys()), std::nullopt) << garbage;
  }
}

TEST_F(KernelSetup, TheCgroupHierarchiesAreThoseThatAreMounted) {
  EXPECT_EQ(read_cgroup_hierarchy(tree_.proc()), std::nullopt);
  tree_.write("proc/self/cgroup", "0::/user.slice\n");
  EXPECT_EQ(read_cgroup_hierarchy(tree_.proc()), CgroupHierarchy::kV2);
  tree_.write("proc/self/cgroup", "1:name=systemd:/\n0::/user.slice\n");
  EXPECT_EQ(read_cgroup_hierarchy(tree_.proc()), CgroupHierarchy::kHybrid);
  tree_.write("proc/self/cgroup", "10:pids:/\n1:name=systemd:/\n");
  EXPECT_EQ(read_cgroup_hierarchy(tree_.proc()), CgroupHierarchy::kV1);
}

TEST_F(KernelSetup, VsockHasTypesWhereItIsLoadedAndTellsThem) {
  EXPECT_EQ(vsock_has_types(tree_.proc(), sys()), std::nullopt);
  tree_.write("proc/modules", "vsock_loopback 16384 0 - Live 0x0\n");
  EXPECT_EQ(vsock_has_types(tree_.proc(), sys()), std::nullopt);
  tree_.write("proc/modules", "vsock_loopback 16384 0 - Live 0x0\nvsock 53248 3 vsock_loopback, Live 0x0\n");
  EXPECT_EQ(vsock_has_types(tree_.proc(), sys()), false);
  tree_.write("sys/kernel/btf/vsock", "types");
  EXPECT_EQ(vsock_has_types(tree_.proc(), sys()), true);
}

TEST_F(KernelSetup, TheInitialNamespacesAreKnownByTheirNumbers) {
  EXPECT_EQ(in_initial_user_namespace(tree_.proc()), std::nullopt);
  EXPECT_EQ(in_initial_pid_namespace(tree_.proc()), std::nullopt);
  link("self/ns/user", "user:[4026531837]");
  link("self/ns/pid", "pid:[4026532201]");
  EXPECT_EQ(in_initial_user_namespace(tree_.proc()), true);
  EXPECT_EQ(in_initial_pid_namespace(tree_.proc()), false);
}

TEST(ProcShowsAllProcesses, WhereItShowsTheFirst) {
  const ProcTree tree;
  EXPECT_TRUE(shows_all_processes(tree.proc()));
  std::filesystem::remove_all(tree.proc() / "1");
  EXPECT_FALSE(shows_all_processes(tree.proc()));
}

}  // namespace
}  // namespace bindtrace
