// SPDX-License-Identifier: Apache-2.0
// Where it cannot run it says so in one line, and its exit status says why.
#include <algorithm>
#include <cerrno>
#include <fstream>
#include <string>
#include <vector>

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "privilege.h"
#include "sockets.h"
#include "tier_test.h"

namespace bindtrace {
namespace {

constexpr int kUsage = 2;
constexpr int kPrivilege = 3;
constexpr int kKernel = 4;

bool is_one_line(const std::string& text) {
  return text.size() > 1 && text.ends_with('\n') && std::count(text.begin(), text.end(), '\n') == 1;
}

bool has_tier(const std::string& wanted) {
  const std::vector<std::string> tiers = tiers_to_test();
  return std::find(tiers.begin(), tiers.end(), wanted) != tiers.end();
}

void switch_kprobes(const char* on) {
  std::ofstream("/sys/kernel/debug/kprobes/enabled") << on;
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

// Refused with one line that says `why`.
void expect_unsupported(const Ended& ended, const std::string& why) {
  EXPECT_EQ(ended.status, kKernel) << ended.err;
  EXPECT_TRUE(is_one_line(ended.err)) << ended.err;
  EXPECT_NE(ended.err.find(why), std::string::npos) << ended.err;
  EXPECT_EQ(ended.out, "");
}

// What can be asked for: the best tier, or a certain one.
using Choice = std::vector<std::string>;
std::vector<Choice> choices() {
  return {{}, {"--attach=fexit"}, {"--attach=kprobe"}, {"--attach=tracepoint"}};
}

TEST(Refusal, WithoutPrivilegeNamesWhatIsMissing) {
  const Ended ended = run_tracer({}, give_up_all_rights);

  EXPECT_EQ(ended.status, kPrivilege) << ended.err;
  EXPECT_TRUE(is_one_line(ended.err)) << ended.err;
  EXPECT_NE(ended.err.find("CAP_"), std::string::npos) << ended.err;
  EXPECT_EQ(ended.out, "");
}

TEST(Refusal, TheRightsOfAnotherUserNamespaceAreNamedAsNotEnough) {
  const Ended ended = run_tracer({}, [] { must(unshare(CLONE_NEWUSER) == 0, "unshare(CLONE_NEWUSER)"); });

  EXPECT_EQ(ended.status, kPrivilege) << ended.err;
  EXPECT_TRUE(is_one_line(ended.err)) << ended.err;
  EXPECT_NE(ended.err.find("CAP_BPF"), std::string::npos) << ended.err;
}

class Privilege : public TierTest {};

TEST_P(Privilege, CapBpfAndCapPerfmonSufficeButForKprobesWhereEventsAreRestricted) {
  const Ended ended = run_tracer({"--attach=" + tier(), "--duration", "100ms"}, keep_two_capabilities);

  if (tier() == "kprobe" && events_are_restricted()) {
    EXPECT_EQ(ended.status, kPrivilege) << ended.err;
    EXPECT_TRUE(is_one_line(ended.err)) << ended.err;
    EXPECT_NE(ended.err.find("CAP_SYS_ADMIN"), std::string::npos) << ended.err;
  } else {
    EXPECT_EQ(ended.status, 0) << ended.err;
  }
}

BINDTRACE_ON_EVERY_TIER_UNLESS_SHORT(Privilege);

// Kprobes can be switched off as a whole (Documentation/trace/kprobes.rst).
TEST(Refusal, KprobesThatAreNotThereOrDoNotFireAreNoTier) {
  const bool there = has_tier("kprobe");
  if (there) {
    switch_kprobes("0");
  }
  const Ended ended = run_tracer({"--attach=kprobe", "--duration", "100ms"});
  if (there) {
    switch_kprobes("1");
  }

  EXPECT_EQ(ended.status, kKernel) << ended.err;
  EXPECT_TRUE(is_one_line(ended.err)) << ended.err;
  EXPECT_NE(ended.err.find(there ? "the self-check saw 0 events" : "this kernel has no kprobes"), std::string::npos)
      << ended.err;
}

TEST(Refusal, AKernelWithoutBtfIsNotSupported) {
  for (const Choice& choice : choices()) {
    expect_unsupported(run_tracer(choice, hide_btf), "BTF");
  }
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
