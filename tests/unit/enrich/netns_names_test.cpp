// SPDX-License-Identifier: Apache-2.0
#include "enrich/netns_names.h"

#include <map>

#include <gtest/gtest.h>

#include "proc_tree.h"

namespace bindtrace {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;

class NetnsName : public testing::Test {
 protected:
  void name(const std::filesystem::path& file, std::uint32_t inode) {
    tree_.write(file, "");
    inodes_[(root_ / file).string()] = inode;
  }
  Result<std::uint32_t> inode_of(const std::string& path) {
    looks_++;
    const auto known = inodes_.find(path);
    if (known == inodes_.end() || !std::filesystem::exists(path)) {
      return fail(ErrorKind::kSystem, "it is another kind of file");
    }
    return known->second;
  }

  ProcTree tree_;
  std::filesystem::path root_ = tree_.proc().parent_path();
  std::map<std::string, std::uint32_t> inodes_;
  int looks_ = 0;
  Instant now_{100 * kSecond, 0};
  NetnsNames names_{{.directories = {root_ / "run/netns", root_ / "run/docker/netns"},
                     .clocks = [this] { return now_; },
                     .netns_of = [this](const std::string& path) { return inode_of(path); },
                     .limit = 3}};
};

TEST_F(NetnsName, IsThatOfItsFile) {
  name("run/netns/blue", 4026532281);
  name("run/docker/netns/1a2b3c", 4026532300);
  EXPECT_EQ(names_.name_of(4026532281), "blue");
  EXPECT_EQ(names_.name_of(4026532300), "1a2b3c");
}

TEST_F(NetnsName, IsAbsentWhereNoFileIsItsOwn) {
  EXPECT_FALSE(names_.name_of(1)) << "no directory either";
  now_.boottime_ns += kSecond;
  tree_.write("run/netns/stale", "");
  EXPECT_FALSE(names_.name_of(1));
}

TEST_F(NetnsName, OfTheFirstDirectoryCounts) {
  name("run/docker/netns/default", 7);
  name("run/netns/host", 7);
  EXPECT_EQ(names_.name_of(7), "host");
}

TEST_F(NetnsName, IsLookedUpAgainForItsNumberMayBeAnothersByNow) {
  name("run/netns/blue", 7);
  ASSERT_EQ(names_.name_of(7), "blue");
  inodes_[(root_ / "run/netns/blue").string()] = 8;  // removed, and made anew
  EXPECT_FALSE(names_.name_of(7));
  now_.boottime_ns += kSecond;
  EXPECT_EQ(names_.name_of(8), "blue");
}

TEST_F(NetnsName, ThatIsNewIsFoundALittleLater) {
  ASSERT_FALSE(names_.name_of(7));
  name("run/netns/blue", 7);
  EXPECT_FALSE(names_.name_of(7)) << "the directories were read just now";
  now_.boottime_ns += kSecond;
  EXPECT_EQ(names_.name_of(7), "blue");
}

TEST_F(NetnsName, IsLookedForAmongSoManyFilesOnly) {
  for (int i = 0; i < 10; i++) {
    name("run/netns/n" + std::to_string(i), 100 + static_cast<std::uint32_t>(i));
  }
  (void)names_.name_of(1);
  EXPECT_EQ(looks_, 3);
}

}  // namespace
}  // namespace bindtrace
