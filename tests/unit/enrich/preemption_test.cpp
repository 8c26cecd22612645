// SPDX-License-Identifier: Apache-2.0
#include "enrich/preemption.h"

#include <zlib.h>

#include <string>

#include <gtest/gtest.h>

#include "proc_tree.h"

namespace bindtrace {
namespace {

constexpr const char* kDynamic = "#1 SMP PREEMPT_DYNAMIC Debian 7.2.12-1 (2026-11-04)\n";

// A kernel that tells what the test writes, and nothing else.
class Preemption : public testing::Test {
 protected:
  void tells(const char* name, std::string_view text) { tree_.write(std::filesystem::path("proc") / name, text); }

  [[nodiscard]] bool answer() const { return programs_may_be_preempted(sources()); }
  [[nodiscard]] std::optional<PreemptionModel> model() const { return preemption_model(sources()); }

  [[nodiscard]] PreemptionSources sources() const {
    return {.version = tree_.proc() / "version",
            .mode = tree_.proc() / "mode",
            .command_line = tree_.proc() / "cmdline",
            .config = tree_.proc() / "config.gz",
            .config_of_release = tree_.proc() / "config"};
  }

  ProcTree tree_;
};

TEST_F(Preemption, AKernelBuiltWithoutItDoesNotPreempt) {
  tells("version", "#1 SMP Debian 5.10.262-1 (2026-07-31)\n");
  EXPECT_FALSE(answer());
}

TEST_F(Preemption, AKernelThatTellsNothingIsTakenToPreempt) {
  EXPECT_TRUE(answer());
  tells("version", kDynamic);
  EXPECT_TRUE(answer());
}

TEST_F(Preemption, TheModeInForceDecides) {
  tells("version", kDynamic);
  tells("cmdline", "quiet preempt=full\n");
  tells("mode", "none (voluntary) full lazy\n");
  EXPECT_FALSE(answer());
  tells("mode", "none voluntary full (lazy)\n");
  EXPECT_TRUE(answer());
}

TEST_F(Preemption, TheCommandLineOverridesTheBuildsDefault) {
  tells("version", kDynamic);
  tells("config", "CONFIG_PREEMPT_BUILD=y\nCONFIG_PREEMPT_VOLUNTARY=y\n");
  tells("cmdline", "preempt=full\n");
  EXPECT_TRUE(answer());
  tells("cmdline", "console=ttyS0 preempt=none quiet\n");
  EXPECT_FALSE(answer());
}

TEST_F(Preemption, AWordThatOnlyEndsLikeTheOptionIsNotIt) {
  tells("version", kDynamic);
  tells("cmdline", "nopreempt=none\n");
  EXPECT_TRUE(answer());
}

TEST_F(Preemption, TheBuildsDefaultIsReadFromItsConfiguration) {
  tells("version", kDynamic);
  tells("config", "CONFIG_PREEMPT_BUILD=y\n# CONFIG_PREEMPT_NONE is not set\nCONFIG_PREEMPT_LAZY=y\n");
  EXPECT_TRUE(answer());
  tells("config", "CONFIG_PREEMPT_BUILD=y\nCONFIG_PREEMPT_NONE=y\n");
  EXPECT_FALSE(answer());
}

TEST_F(Preemption, ACompressedConfigurationIsReadToo) {
  tells("version", kDynamic);
  const std::string config = "CONFIG_PREEMPT_VOLUNTARY=y\n";
  gzFile file = gzopen((tree_.proc() / "config.gz").c_str(), "wb");
  ASSERT_EQ(gzwrite(file, config.data(), static_cast<unsigned>(config.size())), static_cast<int>(config.size()));
  ASSERT_EQ(gzclose(file), Z_OK);
  EXPECT_FALSE(answer());
}

TEST_F(Preemption, TheModelIsNamedByTheFirstSourceThatTells) {
  tells("version", kDynamic);
  EXPECT_EQ(model(), std::nullopt);
  tells("config", "CONFIG_PREEMPT_BUILD=y\nCONFIG_PREEMPT=y\n");
  EXPECT_EQ(model(), PreemptionModel::kFull);
  tells("config.gz", "CONFIG_PREEMPT_BUILD=y\nCONFIG_PREEMPT_LAZY=y\n");
  EXPECT_EQ(model(), PreemptionModel::kLazy);
  tells("cmdline", "preempt=none\n");
  EXPECT_EQ(model(), PreemptionModel::kNone);
  tells("mode", "none (voluntary) full\n");
  EXPECT_EQ(model(), PreemptionModel::kVoluntary);
}

TEST_F(Preemption, OfAKernelBuiltWithoutItTheConfigurationAloneTellsTheModel) {
  tells("version", "#1 SMP Debian 5.10.262-1 (2026-07-31)\n");
  tells("cmdline", "preempt=full\n");
  EXPECT_EQ(model(), std::nullopt);
  tells("config", "CONFIG_PREEMPT_VOLUNTARY=y\n");
  EXPECT_EQ(model(), PreemptionModel::kVoluntary);
}

}  // namespace
}  // namespace bindtrace
