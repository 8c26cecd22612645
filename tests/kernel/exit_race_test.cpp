// SPDX-License-Identifier: Apache-2.0
// Both processes are gone microseconds after the failure: they are named nevertheless, and never wrongly.
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <map>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

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

class SharedTrial {
 public:
  SharedTrial()
      : page_(mmap(nullptr, sizeof(Trial), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)),
        trial_(new (page_) Trial{}) {}
  SharedTrial(const SharedTrial&) = delete;
  SharedTrial& operator=(const SharedTrial&) = delete;
  ~SharedTrial() { munmap(page_, sizeof(Trial)); }
  Trial* operator->() const { return trial_; }

 private:
  void* page_;
  Trial* trial_;
};

struct Expected {
  pid_t victim;
  std::string victim_comm;
  pid_t holder;
  std::string holder_comm;
  uint64_t inode;
};

std::string numbered(const char* name, int number) {
  return std::string(name) + '-' + std::to_string(number);
}

Expected run_trial(const Netns& netns, const Request& request, int number) {
  const SharedTrial trial;
  Child holder(netns, numbered("holder", number), [&](const Line& line) {
    const Fd socket = serve(request);
    trial->inode = inode_of(socket.get());
    line.tell('r');
    while (!trial->failed) {
      sched_yield();
    }
    _exit(0);
  });
  holder.hear<char>();
  const Expected expected{0, numbered("victim", number), holder.pid(), numbered("holder", number), trial->inode};
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

class ExitRace : public TierTest {};

TEST_P(ExitRace, AHolderThatExitsAtOnceIsNamedByTheKernel) {
  stop_shared_tracers();
  Tracer own(tier());
  std::vector<Expected> expected;
  const int count = trials();
  for (int i = 0; i < count; i++) {
    // A port of its own: the last one is not quite free when its holder has just gone.
    const auto port = static_cast<uint16_t>(10000 + i % 20000);
    expected.push_back(run_trial(netns(), {Transport::kTcp, {"127.0.0.1", port}, {}}, i));
    own.drain();
  }
  settle(own);

  std::multimap<int, const Record*> by_pid;
  for (const Record& record : own.records()) {
    if (record.at("event.name") == "bindtrace.bind.conflict") {
      by_pid.emplace(record.at("process.pid").get<int>(), &record);
    }
  }
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
      continue;
    }
    const Record holder = record->holder();
    if (holder.at("pid").is_null()) {
      if (unnamed++ == 0) {
        std::printf("the first holder that is not named: %s\n", record->text().c_str());
      }
      continue;
    }
    EXPECT_EQ(holder.at("pid"), trial.holder) << record->text();
    EXPECT_EQ(holder.at("comm"), trial.holder_comm) << record->text();
    EXPECT_EQ(holder.at("socket.inode"), trial.inode) << record->text();
    if (kernel_has_bpf_loop()) {
      EXPECT_EQ(holder.at("source"), "kernel_at_failure") << record->text();
    }
  }
  const int named = count - missing - unnamed;
  RecordProperty("named", named);
  std::printf("%d of %d holders named, %d failures not reported\n", named, count, missing);
  EXPECT_EQ(missing, 0);
  EXPECT_GE(named, kShareNamed * count);
}

BINDTRACE_ON_EVERY_TIER(ExitRace);

}  // namespace
}  // namespace bindtrace
