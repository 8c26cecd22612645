// SPDX-License-Identifier: Apache-2.0
// A pid becomes another process's at once, again and again: no record names a process that did not have the socket.
#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <functional>
#include <string>

#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "set_tid.h"
#include "shared.h"
#include "tier_test.h"

namespace bindtrace {
namespace {

// All processes of a trial carry its number: "holder", "victim", "other" (who gets the pid) and "heir".
constexpr int kMostTrials = 200'000;
constexpr double kTrialSeconds = 20;
constexpr double kShareNamed = 0.99;  // of those that get a search in the failing call (BT_SCAN_BURST)

struct Stage {
  std::atomic<bool> ready;  // the holder listens
  std::atomic<bool> let_go;
  std::atomic<int> error;
  std::atomic<int> trials;                              // that have been made
  std::array<std::atomic<pid_t>, kMostTrials> holders;  // who is to be named; 0: the trial was spoilt
};

std::string numbered(const char* name, int number) {
  return name + std::to_string(number);
}

// Runs `body` under that name, with `pid` or, if it is 0, with any.
pid_t start(pid_t pid, const std::string& comm, const std::function<void()>& body) {
  const pid_t started = pid == 0 ? fork() : fork_as(pid);
  if (started == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_NAME, comm.c_str());
    body();
    _exit(0);
  }
  return started;
}

void wait_for(pid_t pid) {
  must(waitpid(pid, nullptr, 0) == pid, "waitpid");
}

void wait_until(const std::atomic<bool>& flag) {
  while (!flag) {
    if (getppid() == 1) {
      _exit(1);  // the driver is dead
    }
    sched_yield();
  }
}

void serve_until_let_go(Stage& stage, const Request& request) {
  const Fd socket = serve(request);
  stage.ready = true;
  wait_until(stage.let_go);
}

void fail_once(Stage& stage, const Request& request) {
  const Fd socket = make_socket(request);
  stage.error = try_bind(socket.get(), request.endpoint);
}

// One trial, in the process that makes them all: somebody with `pid` dies, and the one that is returned gets it. A
// negative number: somebody else has got it.
using RunTrial = std::function<pid_t(Stage& stage, const Request& request, int number, pid_t pid)>;

pid_t reuse(pid_t pid, int number) {
  return start(pid, numbered("other", number), [] {
    while (true) {
      pause();
    }
  });
}

pid_t reuse_the_holders(Stage& stage, const Request& request, int number, pid_t pid) {
  const pid_t holder = start(pid, numbered("holder", number), [&] { serve_until_let_go(stage, request); });
  if (holder < 0) {
    return holder;
  }
  stage.holders[static_cast<size_t>(number)] = holder;
  wait_until(stage.ready);
  wait_for(start(0, numbered("victim", number), [&] { fail_once(stage, request); }));
  stage.let_go = true;
  wait_for(holder);
  return reuse(pid, number);
}

pid_t reuse_the_victims(Stage& stage, const Request& request, int number, pid_t pid) {
  const pid_t holder = start(0, numbered("holder", number), [&] { serve_until_let_go(stage, request); });
  stage.holders[static_cast<size_t>(number)] = holder;
  wait_until(stage.ready);
  pid_t got = start(pid, numbered("victim", number), [&] { fail_once(stage, request); });
  if (got > 0) {
    wait_for(got);
    got = reuse(pid, number);
  }
  stage.let_go = true;
  wait_for(holder);
  return got;
}

// The one that made the bind dies before the failure; its heir has the socket.
pid_t reuse_the_binders(Stage& stage, const Request& request, int number, pid_t pid) {
  std::atomic<pid_t>& heir = stage.holders[static_cast<size_t>(number)];
  const pid_t binder = start(pid, numbered("binder", number), [&] {
    const Fd socket = serve(request);
    heir = start(0, numbered("holder", number), [&] {
      prctl(PR_SET_PDEATHSIG, 0);
      stage.ready = true;
      wait_until(stage.let_go);
    });
    wait_until(stage.ready);
  });
  if (binder < 0) {
    return binder;
  }
  wait_for(binder);
  const pid_t got = reuse(pid, number);
  wait_for(start(0, numbered("victim", number), [&] { fail_once(stage, request); }));
  stage.let_go = true;
  wait_for(heir);  // ours since its parent died
  return got;
}

struct Seen {
  int right = 0;
  int unnamed = 0;
  int wrong = 0;
};

class PidReuse : public TierTest {
 protected:
  void race(const RunTrial& run_trial) {
    stop_shared_tracers();
    Tracer own(tier(), {"--netns", std::to_string(netns().inode())});
    const Shared<Stage> stage;
    const int count = std::min(reuses(), kMostTrials);
    Child driver(netns(), "bt-driver", [&](const Line& line) {
      drive(*stage, count, run_trial);
      line.wait_for_release();
    });
    Seen seen;
    auto deadline = std::chrono::steady_clock::now() + time_limit(kTrialSeconds);
    for (int made = 0; made < count;) {
      own.read_for(std::chrono::milliseconds(20));
      judge(own, *stage, seen);
      if (stage->trials > made) {
        made = stage->trials;
        deadline = std::chrono::steady_clock::now() + time_limit(kTrialSeconds);
      }
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "no end of trial " << made;
    }
    const Ended ended = own.stop(SIGINT);
    EXPECT_EQ(ended.status, 0) << ended.err;
    const nlohmann::json emitted = own.last_record().at("bindtrace.stats.emitted");
    judge(own, *stage, seen);

    int spoilt = 0;
    for (int i = 0; i < count; i++) {
      spoilt += stage->holders[static_cast<size_t>(i)] == 0 ? 1 : 0;
    }
    std::printf("%d reuses (%d spoilt): %d records, %d name the holder, %d nobody, %d another\n", count, spoilt,
                emitted.get<int>(), seen.right, seen.unnamed, seen.wrong);
    EXPECT_EQ(seen.wrong, 0);
    EXPECT_GT(seen.right, 0);
    EXPECT_LE(spoilt, count / 100 + 1);
    if (count < 2000) {
      EXPECT_EQ(seen.right + seen.unnamed, count - spoilt);
      EXPECT_GE(seen.right, kShareNamed * (count - spoilt));
    }
  }

 private:
  static void drive(Stage& stage, int count, const RunTrial& run_trial) {
    must(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0, "PR_SET_CHILD_SUBREAPER");
    pid_t pid = free_pid();
    for (int i = 0; i < count; i++) {
      const auto port = static_cast<uint16_t>(10000 + i % 20000);
      stage.ready = false;
      stage.let_go = false;
      stage.error = 0;
      const pid_t other = run_trial(stage, {Transport::kTcp, {"127.0.0.1", port}, {}}, i, pid);
      if (other < 0) {
        stage.holders[static_cast<size_t>(i)] = 0;
        pid = free_pid();
      } else {
        must(stage.error == EADDRINUSE, "the trial's EADDRINUSE");
        usleep(200);  // time to be taken for the one that died
        kill_and_reap(other);
      }
      stage.trials++;
    }
  }

  static void judge(Tracer& own, const Stage& stage, Seen& seen) {
    for (const Record& record : own.records()) {
      const nlohmann::json victim = record.at("process.executable.name");
      if (record.at("event.name") != "bindtrace.bind.conflict") {
        continue;
      }
      ASSERT_TRUE(victim.is_string() && victim.get<std::string>().starts_with("victim")) << record.text();
      const int number = std::stoi(victim.get<std::string>().substr(6));
      seen.wrong += is_right(record, number, stage, seen) ? 0 : 1;
    }
    own.forget_records();
  }

  // In records one may compare times: who started after the failure did not have the socket.
  static bool is_right(const Record& record, int number, const Stage& stage, Seen& seen) {
    const Record holder = record.holder();
    bool right = time_ns(record.at("process.creation.time")) <= time_ns(record.at("timestamp"));
    right = right && (holder.at("bound_by.pid").is_null() ||
                      !holder.at("bound_by.comm").get<std::string>().starts_with("other"));
    if (holder.at("bound_by.comm") == numbered("binder", number)) {
      right = right && holder.at("bound_by.alive") != true;
    }
    if (holder.at("pid").is_null()) {
      seen.unnamed++;
    } else {
      const pid_t expected = stage.holders[static_cast<size_t>(number)];
      right = right && holder.at("comm") == numbered("holder", number) &&
              (expected == 0 || holder.at("pid") == expected) &&
              time_ns(holder.at("start_time")) <= time_ns(record.at("timestamp"));
      seen.right += right ? 1 : 0;
    }
    EXPECT_TRUE(right) << record.text();
    return right;
  }
};

TEST_P(PidReuse, NobodyIsTakenForAHolderThatDied) {
  race(reuse_the_holders);
}

TEST_P(PidReuse, NobodyIsTakenForAVictimThatDied) {
  race(reuse_the_victims);
}

TEST_P(PidReuse, NobodyIsTakenForABinderThatDied) {
  race(reuse_the_binders);
}

BINDTRACE_ON_ONE_TIER_UNLESS_SHORT(PidReuse);

}  // namespace
}  // namespace bindtrace
