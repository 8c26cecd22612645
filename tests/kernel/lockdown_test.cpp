// SPDX-License-Identifier: Apache-2.0
// A kernel that is locked down to "confidentiality" (kernel_lockdown(7)) keeps its memory from BPF: bindtrace says so.
// Needs a kernel that was started with lockdown=confidentiality; on any other there is nothing to test.
#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include <sched.h>
#include <sys/mount.h>

#include <gtest/gtest.h>

#include "sockets.h"
#include "tier_test.h"

namespace bindtrace {
namespace {

constexpr const char* kSecurityfs = "/sys/kernel/security";
constexpr int kKernel = 4;

std::vector<std::string> choices_where_locked_down() {
  std::string modes;
  std::ifstream file(std::string(kSecurityfs) + "/lockdown");
  std::getline(file, modes);
  if (modes.find("[confidentiality]") == std::string::npos) {
    return {};
  }
  return {"auto", "fexit", "kprobe", "tracepoint"};
}

void hide_securityfs() {
  must(unshare(CLONE_NEWNS) == 0, "unshare(CLONE_NEWNS)");
  must(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "make mounts private");
  must(mount("tmpfs", kSecurityfs, "tmpfs", 0, nullptr) == 0, kSecurityfs);
}

class Confidentiality : public testing::TestWithParam<std::string> {
 protected:
  static Ended run(const BeforeExec& before_exec = {}) { return run_with({}, before_exec); }

  static Ended run_with(std::vector<std::string> arguments, const BeforeExec& before_exec = {}) {
    if (GetParam() != "auto") {
      arguments.push_back("--attach=" + GetParam());
    }
    return run_tracer(arguments, before_exec);
  }

  static void expect_refusal(const Ended& ended) {
    EXPECT_EQ(ended.status, kKernel) << ended.err;
    EXPECT_EQ(std::count(ended.err.begin(), ended.err.end(), '\n'), 1) << ended.err;
    EXPECT_NE(ended.err.find("lockdown=integrity"), std::string::npos) << ended.err;
    EXPECT_EQ(ended.out, "");
  }
};

TEST_P(Confidentiality, IsNamedWithItsRemedy) {
  expect_refusal(run());
}

TEST_P(Confidentiality, IsNamedWhereSecurityfsIsNotMounted) {
  expect_refusal(run(hide_securityfs));
}

TEST_P(Confidentiality, IsWhatDoctorFinds) {
  const Ended ended = run_with({"doctor"});

  EXPECT_EQ(ended.status, kKernel) << ended.err;
  EXPECT_NE(ended.out.find("does not work here: kernel lockdown is \"confidentiality\""), std::string::npos)
      << ended.out;
  EXPECT_NE(ended.out.find("lockdown=integrity"), std::string::npos) << ended.out;
}

TEST_P(Confidentiality, IsWhatDoctorFindsWhereSecurityfsIsNotMounted) {
  const Ended ended = run_with({"doctor", "-j"}, hide_securityfs);

  EXPECT_EQ(ended.status, kKernel) << ended.err;
  const Record record = Record::parse(ended.out);
  EXPECT_EQ(record.at("bindtrace.doctor.lockdown"), "confidentiality") << record.text();
  EXPECT_TRUE(record.at("bindtrace.tier").is_null()) << record.text();
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Confidentiality);
INSTANTIATE_TEST_SUITE_P(On, Confidentiality, testing::ValuesIn(choices_where_locked_down()), tier_name);

}  // namespace
}  // namespace bindtrace
