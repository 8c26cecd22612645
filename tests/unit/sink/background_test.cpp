// SPDX-License-Identifier: Apache-2.0
#include "sink/background.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <memory>
#include <mutex>

#include <gtest/gtest.h>

namespace bindtrace {
namespace {

using std::chrono::seconds;

Exporter::Clock::time_point soon() {
  return Exporter::Clock::now() + seconds(10);
}

// What the test and the exporter in the thread both know.
struct Gate {
  std::mutex mutex;
  std::condition_variable changed;
  bool open = true;
  int entered = 0;
  int reopened = 0;
  bool signals_blocked = false;

  void set(bool to) {
    const std::scoped_lock lock(mutex);
    open = to;
    changed.notify_all();
  }
  void await_entered(int count) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return entered >= count; });
  }
};

class Gated final : public Exporter {
 public:
  explicit Gated(std::shared_ptr<Gate> gate) : gate_(std::move(gate)) {}
  void write(const Event& /*event*/) override {
    std::unique_lock lock(gate_->mutex);
    ++gate_->entered;
    sigset_t blocked;
    ::pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
    gate_->signals_blocked = ::sigismember(&blocked, SIGTERM) == 1;
    gate_->changed.notify_all();
    gate_->changed.wait(lock, [this] { return gate_->open; });
    ++stats_.written;
  }
  void reopen() override {
    const std::scoped_lock lock(gate_->mutex);
    ++gate_->reopened;
  }
  [[nodiscard]] ExportStats stats() const override { return stats_; }

 private:
  std::shared_ptr<Gate> gate_;
  ExportStats stats_{.name = "gated"};
};

struct BackgroundTest : testing::Test {
  std::shared_ptr<Gate> gate = std::make_shared<Gate>();
  Background background{std::make_unique<Gated>(gate), 2};
};

TEST_F(BackgroundTest, PassesOnWhatItIsGiven) {
  background.write(AgentStarted{});
  background.settle(soon());
  background.reopen();
  background.write(AgentStarted{});
  background.finish(soon());
  EXPECT_EQ(background.stats().name, "gated");
  EXPECT_EQ(background.stats().written, 2U);
  EXPECT_EQ(background.stats().queued, 0U);
  EXPECT_EQ(gate->reopened, 1);
  EXPECT_TRUE(gate->signals_blocked);
}

TEST_F(BackgroundTest, CountsWhatItHasNoRoomFor) {
  gate->set(false);
  background.write(AgentStarted{});
  gate->await_entered(1);
  for (int i = 0; i < 5; ++i) {
    background.write(AgentStarted{});
  }
  EXPECT_EQ(background.stats().written, 0U);
  EXPECT_EQ(background.stats().queued, 3U);  // one of them in the other's hands
  EXPECT_EQ(background.stats().lost, 3U);
  gate->set(true);
  background.finish(soon());
  EXPECT_EQ(background.stats().written, 3U);
  EXPECT_EQ(background.stats().queued, 0U);
  EXPECT_EQ(background.stats().lost, 3U);
}

TEST_F(BackgroundTest, DoesNotWaitForWhatHangs) {
  gate->set(false);
  background.write(AgentStarted{});
  gate->await_entered(1);
  const auto before = Exporter::Clock::now();
  background.settle(before + std::chrono::milliseconds(20));
  background.finish(before + std::chrono::milliseconds(20));
  EXPECT_LT(Exporter::Clock::now() - before, seconds(5));
  EXPECT_EQ(background.stats().queued, 1U);
  gate->set(true);  // the thread, left behind, ends
}

}  // namespace
}  // namespace bindtrace
