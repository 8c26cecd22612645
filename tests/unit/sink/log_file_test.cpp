// SPDX-License-Identifier: Apache-2.0
// On real files of a directory that goes away again.
#include "sink/log_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <spdlog/logger.h>
#include <sys/resource.h>

namespace bindtrace {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRecord = "{\"schema_version\":\"1.0\"}";

class LogFileTest : public testing::Test {
 protected:
  LogFileTest() {
    std::string name = (fs::temp_directory_path() / "log_file_test.XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
    path_ = (directory_ / "events.jsonl").string();
  }
  ~LogFileTest() override { fs::remove_all(directory_); }

  std::shared_ptr<LogFile> open(std::uint64_t max_bytes = 0, std::uint64_t keep = 2) {
    auto file = LogFile::open({.path = path_, .max_bytes = max_bytes, .keep = keep});
    EXPECT_TRUE(file) << (file ? "" : file.error().message);
    return file ? *file : nullptr;
  }
  std::string refusal() {
    const auto file = LogFile::open({.path = path_, .max_bytes = 0, .keep = 2});
    return file ? "" : file.error().message;
  }
  static void log(const std::shared_ptr<LogFile>& file, const std::string& line) {
    spdlog::logger("test", file).info(spdlog::string_view_t(line));
  }
  static std::string text(const fs::path& path) {
    std::ifstream file(path);
    return (std::ostringstream() << file.rdbuf()).str();
  }
  void put(const std::string& contents) const { std::ofstream(path_) << contents; }
  [[nodiscard]] std::string text() const { return text(path_); }

  fs::path directory_;
  std::string path_;
};

TEST_F(LogFileTest, TakesWholeLinesAndKeepsWhatWasThere) {
  put("{\"schema_version\":\"0\"}\n");
  const auto file = open();
  log(file, "a {} b");
  log(file, "c");
  EXPECT_EQ(text(), "{\"schema_version\":\"0\"}\na {} b\nc\n");
  EXPECT_EQ(file->written(), 2U);
  EXPECT_EQ(file->lost(), 0U);
}

TEST_F(LogFileTest, MayBeReadByTheGroupOnly) {
  const mode_t before = ::umask(0);
  open();
  ::umask(before);
  EXPECT_EQ(fs::status(path_).permissions(), fs::perms(0640));
}

TEST_F(LogFileTest, RotatesBeforeItGrowsBeyondItsSizeAndKeepsSoMany) {
  const auto file = open(10);
  for (const char* line : {"11111111", "22222222", "33333333", "44444444", "5", "6"}) {
    log(file, line);
  }
  EXPECT_EQ(text(), "5\n6\n");
  EXPECT_EQ(text(path_ + ".1"), "44444444\n");
  EXPECT_EQ(text(path_ + ".2"), "33333333\n");
  EXPECT_FALSE(fs::exists(path_ + ".3"));
  EXPECT_EQ(file->written(), 6U);
}

TEST_F(LogFileTest, KeepsNoneWhereNoneIsWanted) {
  const auto file = open(10, 0);
  log(file, "11111111");
  log(file, "22222222");
  EXPECT_EQ(text(), "22222222\n");
  EXPECT_FALSE(fs::exists(path_ + ".1"));
}

TEST_F(LogFileTest, ALineLongerThanItsSizeIsAFileByItself) {
  const auto file = open(10);
  log(file, "1");
  log(file, std::string(100, 'x'));
  EXPECT_EQ(text(), std::string(100, 'x') + "\n");
  EXPECT_EQ(text(path_ + ".1"), "1\n");
}

TEST_F(LogFileTest, IsOpenedAgainOnceItHasBeenMovedAway) {
  const auto file = open();
  log(file, "before");
  fs::rename(path_, path_ + "-20261128");
  log(file, "after");
  EXPECT_EQ(text(), "after\n");
  EXPECT_EQ(text(path_ + "-20261128"), "before\n");
  fs::remove(path_);
  file->reopen();
  EXPECT_TRUE(fs::exists(path_));
}

TEST_F(LogFileTest, OfWhichTheTextWasCutGoesOnAtItsStart) {
  const auto file = open(100);
  log(file, std::string(90, 'x'));
  fs::resize_file(path_, 0);
  log(file, std::string(90, 'y'));
  EXPECT_EQ(text(), std::string(90, 'y') + "\n");
  EXPECT_FALSE(fs::exists(path_ + ".1"));
}

TEST_F(LogFileTest, WithATornTailIsRepaired) {
  put(std::string(kRecord) + "\n" + kRecord + "\n{\"schema_version\":\"1.0\",\"eve");
  log(open(), "next");
  EXPECT_EQ(text(), std::string(kRecord) + "\n" + kRecord + "\nnext\n");
  put("{\"sch");
  log(open(), "next");
  EXPECT_EQ(text(), "next\n");
}

TEST_F(LogFileTest, ThatIsSomethingElseIsLeftAlone) {
  put("root:x:0:0");
  EXPECT_NE(refusal().find("does not end in a record of bindtrace"), std::string::npos) << refusal();
  EXPECT_EQ(text(), "root:x:0:0");
  put("a line\n{\"other\":1");
  EXPECT_NE(refusal(), "");
  EXPECT_EQ(text(), "a line\n{\"other\":1");
}

TEST_F(LogFileTest, IsNoLinkAndNoOtherKindOfFile) {
  const fs::path other = directory_ / "other";
  std::ofstream(other) << "";
  fs::create_symlink(other, path_);
  EXPECT_NE(refusal().find("is a symbolic link"), std::string::npos) << refusal();
  fs::remove(path_);
  fs::create_hard_link(other, path_);
  EXPECT_NE(refusal().find("has several names"), std::string::npos) << refusal();
  fs::remove(path_);
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_NE(refusal().find("is no regular file"), std::string::npos) << refusal();
  fs::remove(path_);
  fs::create_directory(path_);
  EXPECT_NE(refusal(), "");
}

TEST_F(LogFileTest, IsNotMadeWhereEverybodyCanWrite) {
  ASSERT_EQ(::chmod(directory_.c_str(), 0777), 0);
  EXPECT_NE(refusal().find("chmod o-w"), std::string::npos) << refusal();
  ASSERT_EQ(::chmod(directory_.c_str(), 01777), 0);
  EXPECT_EQ(refusal(), "");
}

TEST_F(LogFileTest, HasOneWriter) {
  const auto file = open();
  EXPECT_NE(refusal().find("is written by another bindtrace"), std::string::npos) << refusal();
}

TEST_F(LogFileTest, InADirectoryThatIsNotThereSaysSo) {
  path_ = (directory_ / "none" / "events.jsonl").string();
  EXPECT_NE(refusal().find("No such file or directory"), std::string::npos) << refusal();
}

// A limit of the file's size stops a write in its midst as a full disk does.
TEST_F(LogFileTest, WhatAFullDiskTookInPartIsTakenBack) {
  const auto file = open();
  log(file, "whole");
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{10, before.rlim_max};
  ::signal(SIGXFSZ, SIG_IGN);
  ::setrlimit(RLIMIT_FSIZE, &small);
  log(file, std::string(100, 'x'));
  log(file, "1");
  ::setrlimit(RLIMIT_FSIZE, &before);
  log(file, "after");
  EXPECT_EQ(text(), "whole\n1\nafter\n");
  EXPECT_EQ(file->written(), 3U);
  EXPECT_EQ(file->lost(), 1U);
}

}  // namespace
}  // namespace bindtrace
