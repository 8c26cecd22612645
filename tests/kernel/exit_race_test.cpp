// SPDX-License-Identifier: Apache-2.0
// Both processes are gone microseconds after the failure: they are named nevertheless, and never wrongly.
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include <sched.h>
#include <unistd.h>

#include "shared.h"
#include "start_time.h"
#include "tier_test.h"

namespace bindtrace {
namespace {

constexpr double kShareNamed = 0.999;

// Shared by the processes of one trial.
struct Trial {
  std::atomic<bool> failed;  // the victim's bind has returned
  std::atomic<int> error;
  std::atomic<uint64_t> inode;
};

struct Expected {
  pid_t victim;
  std::string victim_comm;
  pid_t holder;
  uint64_t holder_start_ticks;
  std::string holder_comm;
  uint64_t inode;
};

std::string numbered(const char* name, int number) {
  return std::string(name) + '-' + std::to_string(number);
}

void wait_without_sleep(std::chrono::microseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end) {
  }
}

Expected run_trial(const Netns& netns, const Request& request, int number, std::chrono::microseconds delay) {
  const Shared<Trial> trial;
  Child holder(netns, numbered("holder", number), [&](const Line& line) {
    const Fd socket = serve(request);
    trial->inode = inode_of(socket.get());
    line.tell('r');
    while (!trial->failed) {
      sched_yield();
    }
    wait_without_sleep(delay);
    _exit(0);
  });
  holder.hear<char>();
  const Expected expected{
      0, numbered("victim", number), holder.pid(), start_ticks(holder.pid()), numbered("holder", number), trial->inode};
  Child victim(netns, expected.victim_comm, [&](const Line&) {
    const Fd socket = make_socket(request);
    const int error = try_bind(socket.get(), request.endpoint);
    trial->failed = true;
    trial->error = error;
    _exit(0);
  });
  Expected result = expected;
  result.victim = victim.pid();
  victim.join();
  holder.join();
  if (trial->error != EADDRINUSE) {
    throw std::runtime_error("trial " + std::to_string(number) + " provoked no EADDRINUSE");
  }
  return result;
}

class ExitRace : public TierTest {
 protected:
  // The holder exits so long after the failure.
  void race(std::chrono::microseconds delay) {
    stop_shared_tracers();
    Tracer own(tier());
    std::vector<Expected> expected;
    const int count = trials();
    for (int i = 0; i < count; i++) {
      // A port of its own: the last one is not quite free when its holder has just gone.
      const auto port = static_cast<uint16_t>(10000 + i % 20000);
      expected.push_back(run_trial(netns(), {Transport::kTcp, {"127.0.0.1", port}, {}}, i, delay));
      own.drain();
    }
    settle(own);
    expect_all_named(own, expected);
  }

 private:
  static void expect_right(const Record& record, const Expected& trial) {
    const Record holder = record.holder();
    EXPECT_EQ(holder.at("pid"), trial.holder) << record.text();
    EXPECT_EQ(holder.at("comm"), trial.holder_comm) << record.text();
    EXPECT_TRUE(is_within_tick(holder.at("start_time"), trial.holder_start_ticks)) << record.text();
    EXPECT_EQ(holder.at("socket.inode"), trial.inode) << record.text();
    EXPECT_EQ(holder.at("source"), "kernel_at_failure") << record.text();
  }

  void expect_all_named(const Tracer& own, const std::vector<Expected>& expected) {
    std::multimap<int, const Record*> by_pid;
    for (const Record& record : own.records()) {
      if (record.at("event.name") == "bindtrace.bind.conflict") {
        by_pid.emplace(record.at("process.pid").get<int>(), &record);
      }
    }
    const int count = static_cast<int>(expected.size());
    int missing = 0;
    int unnamed = 0;
    for (const Expected& trial : expected) {
      const Record* record = nullptr;
      for (auto [at, end] = by_pid.equal_range(trial.victim); at != end; ++at) {
        if (at->second->at("process.executable.name") == trial.victim_comm) {
          EXPECT_EQ(record, nullptr) << "twice: " << at->second->text();
          record = at->second;
        }
      }
      if (record == nullptr) {
        missing++;
      } else if (record->holder().at("pid").is_null()) {
        if (unnamed++ == 0) {
          std::printf("the first holder that is not named: %s\n", record->text().c_str());
        }
      } else {
        expect_right(*record, trial);
      }
    }
    const int named = count - missing - unnamed;
    RecordProperty("named", named);
    std::printf("%d of %d holders named, %d failures not reported\n", named, count, missing);
    EXPECT_EQ(missing, 0);
    EXPECT_GE(named, kShareNamed * count);
  }
};

TEST_P(ExitRace, AHolderThatExitsAtOnceIsNamedByTheKernel) {
  race(std::chrono::microseconds(0));
}

TEST_P(ExitRace, AHolderThatExitsATenthOfAMillisecondLaterIsNamedByTheKernel) {
  race(std::chrono::microseconds(100));
}

TEST_P(ExitRace, AHolderThatExitsAMillisecondLaterIsNamedByTheKernel) {
  race(std::chrono::microseconds(1000));
}

BINDTRACE_ON_EVERY_TIER_UNLESS_SHORT(ExitRace);

}  // namespace
}  // namespace bindtrace
