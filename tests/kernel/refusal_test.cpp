// SPDX-License-Identifier: Apache-2.0
// Where it cannot run it says so in one line, and its exit status says why.
#include <algorithm>
#include <cerrno>
#include <string>

#include <grp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "sockets.h"
#include "tracer.h"

namespace bindtrace {
namespace {

constexpr int kUsage = 2;
constexpr int kPrivilege = 3;
constexpr int kKernel = 4;
constexpr uid_t kNobody = 65534;

bool is_one_line(const std::string& text) {
  return text.size() > 1 && text.ends_with('\n') && std::count(text.begin(), text.end(), '\n') == 1;
}

void give_up_all_rights() {
  must(setgroups(0, nullptr) == 0 && setgid(kNobody) == 0 && setuid(kNobody) == 0, "setuid");
}

// Everywhere that the BTF of the running kernel is looked for.
void hide_btf() {
  must(unshare(CLONE_NEWNS) == 0, "unshare(CLONE_NEWNS)");
  must(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "make mounts private");
  for (const char* path : {"/sys/kernel/btf", "/boot", "/lib/modules", "/usr/lib/debug"}) {
    struct stat status {};
    if (stat(path, &status) == 0) {
      must(mount("tmpfs", path, "tmpfs", 0, nullptr) == 0, path);
    }
  }
}

TEST(Refusal, WithoutPrivilegeNamesWhatIsMissing) {
  const Ended ended = run_tracer({}, give_up_all_rights);

  EXPECT_EQ(ended.status, kPrivilege) << ended.err;
  EXPECT_TRUE(is_one_line(ended.err)) << ended.err;
  EXPECT_NE(ended.err.find("CAP_"), std::string::npos) << ended.err;
  EXPECT_EQ(ended.out, "");
}

TEST(Refusal, AKernelWithoutBtfIsNotSupported) {
  const Ended ended = run_tracer({}, hide_btf);

  EXPECT_EQ(ended.status, kKernel) << ended.err;
  EXPECT_TRUE(is_one_line(ended.err)) << ended.err;
  EXPECT_NE(ended.err.find("BTF"), std::string::npos) << ended.err;
  EXPECT_EQ(ended.out, "");
}

TEST(Refusal, AnUnknownOptionIsAUsageError) {
  const Ended ended = run_tracer({"--no-such-option"});

  EXPECT_EQ(ended.status, kUsage) << ended.err;
  EXPECT_TRUE(is_one_line(ended.err)) << ended.err;
  EXPECT_NE(ended.err.find("--no-such-option"), std::string::npos) << ended.err;
  EXPECT_EQ(ended.out, "");
}

TEST(Refusal, AnUnknownTierIsAUsageError) {
  const Ended ended = run_tracer({"--attach=telepathy"});

  EXPECT_EQ(ended.status, kUsage) << ended.err;
  EXPECT_TRUE(is_one_line(ended.err)) << ended.err;
  EXPECT_NE(ended.err.find("telepathy"), std::string::npos) << ended.err;
}

}  // namespace
}  // namespace bindtrace
