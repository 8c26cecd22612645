// SPDX-License-Identifier: Apache-2.0
#include "sink/metrics_file.h"

#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "incidents.h"
#include "proc_tree.h"

namespace bindtrace {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// A directory, a file in it, and a clock that stands until it is set.
class MetricsFileTest : public testing::Test {
 protected:
  MetricsFileTest() { std::filesystem::create_directory(directory()); }

  [[nodiscard]] std::filesystem::path directory() const { return tree_.root() / "textfile"; }
  [[nodiscard]] std::string path() const { return directory() / "bindtrace.prom"; }

  std::unique_ptr<MetricsFile> open() {
    auto opened = MetricsFile::open(path(), [this] { return now_; });
    EXPECT_TRUE(opened) << opened.error().message;
    return *std::move(opened);
  }

  // As the event loop does, and waits for the thread that writes.
  void work(MetricsFile& file) {
    if (const auto due = file.next_work(); due && *due <= now_) {
      file.work([] { return AgentStopped{}; });
    }
    file.settle(MetricsFile::Clock::now() + seconds(10));
  }

  [[nodiscard]] std::string text() const {
    std::stringstream text;
    text << std::ifstream(path()).rdbuf();
    return text.str();
  }

  [[nodiscard]] bool counts(std::uint64_t failures) const {
    return text().find("bindtrace_observed_seconds_count " + std::to_string(failures) + "\n") != std::string::npos;
  }

  void expect_refusal(const std::string& bad, ErrorKind kind, const std::string& words) const {
    const auto opened = MetricsFile::open(bad);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, kind);
    EXPECT_NE(opened.error().message.find(bad), std::string::npos) << opened.error().message;
    EXPECT_NE(opened.error().message.find(words), std::string::npos) << opened.error().message;
  }

  ProcTree tree_;
  MetricsFile::Clock::time_point now_{std::chrono::hours{1}};
};

TEST_F(MetricsFileTest, IsThereFromTheStart) {
  const auto file = open();
  EXPECT_FALSE(file->next_work());
  file->write(AgentStarted{});
  work(*file);
  EXPECT_TRUE(counts(0));
}

TEST_F(MetricsFileTest, AllMayReadItWhateverTheUmask) {
  const mode_t before = ::umask(0077);
  const auto file = open();
  file->write(AgentStarted{});
  work(*file);
  ::umask(before);
  struct stat status {};
  ASSERT_EQ(::stat(path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0644U);
}

TEST_F(MetricsFileTest, IsWrittenAtMostOnceASecond) {
  const auto file = open();
  file->write(AgentStarted{});
  work(*file);
  file->count(nginx_restart());
  file->count(nginx_restart());
  now_ += milliseconds(999);
  work(*file);
  EXPECT_TRUE(counts(0));
  now_ += milliseconds(1);
  work(*file);
  EXPECT_TRUE(counts(2));
}

TEST_F(MetricsFileTest, WithoutNewsItIsWrittenEachFiveMinutesOnly) {
  const auto file = open();
  file->write(AgentStarted{});
  work(*file);
  EXPECT_EQ(file->next_work(), now_ + minutes(5));
  std::filesystem::remove(path());
  now_ += minutes(5);
  work(*file);
  EXPECT_TRUE(counts(0));
}

TEST_F(MetricsFileTest, SuppressedFailuresAreNewsToo) {
  const auto file = open();
  file->write(AgentStarted{});
  work(*file);
  file->write(EventsLost{});
  EXPECT_EQ(file->next_work(), now_ + seconds(1));
}

TEST_F(MetricsFileTest, TheEndIsWrittenAtOnceAndTheLast) {
  const auto file = open();
  file->write(AgentStarted{});
  work(*file);
  AgentStopped stopped;
  stopped.stats.suppressed = 41;
  file->write(stopped);
  file->finish(MetricsFile::Clock::now() + seconds(10));
  EXPECT_NE(text().find("bindtrace_events_suppressed_total 41\n"), std::string::npos);
  EXPECT_FALSE(file->next_work());
}

TEST_F(MetricsFileTest, ASymbolicLinkIsReplacedAndNotFollowed) {
  const auto other = directory() / "other";
  std::ofstream(other) << "kept";
  std::filesystem::create_symlink(other, path());
  std::filesystem::create_symlink(other, path() + ".tmp");
  const auto file = open();
  file->write(AgentStarted{});
  work(*file);
  EXPECT_TRUE(std::filesystem::is_regular_file(std::filesystem::symlink_status(path())));
  EXPECT_EQ(std::filesystem::file_size(other), 4U);
}

TEST_F(MetricsFileTest, NothingElseIsLeftInTheDirectory) {
  const auto file = open();
  file->write(AgentStarted{});
  work(*file);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory()), {}), 1);
}

TEST_F(MetricsFileTest, AFailedWriteIsTriedAgainEverLater) {
  const auto file = open();
  std::filesystem::remove(directory());
  file->write(AgentStarted{});
  for (const int delay_s : {1, 2, 4, 8, 10, 10}) {
    work(*file);
    EXPECT_EQ(file->next_work(), now_ + seconds(delay_s));
    file->count(nginx_restart());  // no reason to hurry
    EXPECT_EQ(file->next_work(), now_ + seconds(delay_s));
    now_ += seconds(delay_s);
  }
  std::filesystem::create_directory(directory());
  work(*file);
  EXPECT_TRUE(counts(6));
}

TEST_F(MetricsFileTest, AFailedWriteLeavesTheFileAsItWas) {
  const auto file = open();
  file->write(AgentStarted{});
  work(*file);
  std::filesystem::create_directory(path() + ".tmp");
  file->count(nginx_restart());
  now_ += seconds(1);
  work(*file);
  EXPECT_TRUE(counts(0));
}

TEST_F(MetricsFileTest, AWriteThatHangsHoldsUpNobody) {
  std::promise<void> go;
  auto gate = go.get_future().share();
  int begun = 0;
  const auto file = *MetricsFile::open(
      path(), [this] { return now_; },
      [&, gate](const std::string&, std::string_view) {
        ++begun;
        gate.wait();
        return Result<void>();
      });
  file->write(AgentStarted{});
  for (int s = 0; s < 3; ++s) {  // it is looked after each second, and no second one is begun
    file->work([] { return AgentStopped{}; });
    EXPECT_EQ(file->next_work(), now_ + seconds(1));
    now_ += seconds(1);
  }
  EXPECT_EQ(file->stats().queued, 1U);
  EXPECT_EQ(file->stats().lost, 0U);
  go.set_value();
  work(*file);
  EXPECT_EQ(file->stats().written, 1U);
  EXPECT_EQ(begun, 1);
}

TEST_F(MetricsFileTest, LostIsWhatTheFileDoesNotCount) {
  const auto file = open();
  file->write(AgentStarted{});
  work(*file);
  std::filesystem::remove_all(directory());
  now_ += seconds(1);
  file->write(nginx_restart());
  EXPECT_EQ(file->stats().lost, 0U);  // not tried yet
  work(*file);
  EXPECT_EQ(file->stats().written, 1U);
  EXPECT_EQ(file->stats().lost, 1U);
  std::filesystem::create_directory(directory());
  now_ += seconds(1);
  work(*file);
  EXPECT_EQ(file->stats().written, 2U);
  EXPECT_EQ(file->stats().lost, 0U);
}

TEST_F(MetricsFileTest, ANameThatIsNotReadIsRefused) {
  expect_refusal(directory() / "bindtrace.txt", ErrorKind::kUsage, "only files that end in .prom");
  expect_refusal(directory() / "bindtrace.prom.bak", ErrorKind::kUsage, "only files that end in .prom");
}

TEST_F(MetricsFileTest, ADirectoryThatDoesNotExistIsRefused) {
  expect_refusal(directory() / "missing" / "bindtrace.prom", ErrorKind::kUsage, "make the directory first");
}

TEST_F(MetricsFileTest, ADirectoryIsNoFile) {
  std::filesystem::create_directory(path());
  expect_refusal(path(), ErrorKind::kUsage, "name a file in it");
}

}  // namespace
}  // namespace bindtrace
