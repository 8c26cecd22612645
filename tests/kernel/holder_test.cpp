// SPDX-License-Identifier: Apache-2.0
// Which process is named: it is the one that has the socket now, wherever it got it from.
#include <algorithm>
#include <cerrno>
#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tier_test.h"

namespace bindtrace {
namespace {

class HolderOf : public SharedTracerTest {};

constexpr int kHeirs = 3;
constexpr int kManyFds = 19'990;  // the most that some machines allow

std::set<int> pids_of(const std::vector<Record>& holders) {
  std::set<int> pids;
  for (const Record& holder : holders) {
    if (holder.at("pid").is_number_integer()) {
      pids.insert(holder.at("pid").get<int>());
    }
  }
  return pids;
}

bool leader_has_exited() {
  std::ifstream stat("/proc/self/stat");
  std::string line;
  std::getline(stat, line);
  return line.substr(line.rfind(')')).starts_with(") Z");
}

TEST_P(HolderOf, ASecondSocketOfTheSameProcessIsTheVictimItself) {
  const Request request{Transport::kTcp, {"127.0.0.1", 5001}, {}};
  Child child(netns(), "bt-victim", [&](const Line& line) {
    const Fd first = serve(request);
    const Fd second = make_socket(request);
    line.tell(held_by_me(first));
    line.tell(bind_and_tell(second, request.endpoint));
    line.wait_for_release();
  });
  const Held first_held = child.hear<Held>();
  const Tried tried = child.hear<Tried>();
  ASSERT_EQ(tried.error, EADDRINUSE);
  const Victim victim{std::move(child), tried};

  const Record record = only_conflict_of(victim);

  expect_victim(record, victim, "bt-victim");
  expect_holder(record, first_held, "bt-victim");
  EXPECT_EQ(record.at("bindtrace.cause"), "same_process") << record.text();
  EXPECT_EQ(record.at("bindtrace.certainty"), "certain") << record.text();
}

TEST_P(HolderOf, ASocketInheritedFromADeadParentIsItsChild) {
  const Request request{Transport::kTcp, {"127.0.0.1", 5002}, {}};
  const Heir heir = inherit(netns(), request);

  const Record record = only_conflict_of(fail_to_bind(netns(), request));

  expect_endpoint(record, "tcp", request.endpoint);
  expect_holder(record, heir.held, "bt-heir");
  EXPECT_EQ(pids_of(record.holders()), std::set<int>{heir.held.pid}) << record.text();
}

TEST_P(HolderOf, ASocketThatSeveralProcessesShareIsAllOfThem) {
  const Request request{Transport::kTcp, {"127.0.0.1", 5003}, {}};
  Child parent(netns(), "bt-master", [&](const Line& line) {
    const Fd socket = serve(request);
    line.tell(held_by_me(socket));
    for (int i = 0; i < kHeirs; i++) {
      if (fork() == 0) {
        must(prctl(PR_SET_NAME, "bt-worker") == 0, "prctl");
        line.tell(held_by_me(socket));
        line.wait_for_release();
      }
    }
    line.wait_for_release();
  });
  std::set<int> holders;
  for (int i = 0; i <= kHeirs; i++) {
    holders.insert(parent.hear<Held>().pid);
  }

  const Record record = only_conflict_of(fail_to_bind(netns(), request));

  EXPECT_EQ(record.at("bindtrace.holder_status"), "found") << record.text();
  EXPECT_EQ(pids_of(record.holders()), holders) << record.text();
  EXPECT_EQ(record.holder_with_pid(parent.pid()).at("comm"), "bt-master") << record.text();
  for (const int pid : holders) {
    if (pid != parent.pid()) {
      EXPECT_EQ(record.holder_with_pid(pid).at("comm"), "bt-worker") << record.text();
    }
  }
}

TEST_P(HolderOf, AProcessWithSeveralFdsOfTheSocketShowsThemAll) {
  const Request request{Transport::kTcp, {"127.0.0.1", 5004}, {}};
  struct Copies {
    Held held;
    int copy;
  };
  Child child(netns(), "bt-holder", [&](const Line& line) {
    const Fd socket = serve(request);
    const Fd copy(dup2(socket.get(), 70));  // in another word of the descriptor table's bit maps
    must(copy.open(), "dup2");
    line.tell(Copies{held_by_me(socket), copy.get()});
    line.wait_for_release();
  });
  const Copies copies = child.hear<Copies>();
  // Its own, for descriptors beyond the kernel's sample are looked for within a budget of time, which is full at first.
  Tracer own(tier());

  const Record record = TierTest::only_conflict_of(own, fail_to_bind(netns(), request));

  EXPECT_EQ(record.holders().size(), 1U) << record.text();
  EXPECT_EQ(record.holder().at("pid"), copies.held.pid) << record.text();
  EXPECT_EQ(record.holder().at("fds"), nlohmann::json::array({copies.held.fd, copies.copy})) << record.text();
}

TEST_P(HolderOf, AProcessWhoseLeaderHasExitedIsNamed) {
  const Request request{Transport::kTcp, {"127.0.0.1", 5005}, {}};
  Child child(netns(), "bt-leaderless", [&](const Line& line) {
    std::thread([&] {
      const Fd socket = serve(request);
      while (!leader_has_exited()) {
        std::this_thread::yield();
      }
      line.tell(held_by_me(socket));
      line.wait_for_release();
      _exit(0);
    }).detach();
    syscall(SYS_exit, 0);  // this thread alone
  });
  const Held held = child.hear<Held>();

  const Record record = only_conflict_of(fail_to_bind(netns(), request));

  expect_holder(record, held, "bt-leaderless");
}

TEST_P(HolderOf, AProcessWithTwentyThousandFdsIsNamedByItsLast) {
  const Request request{Transport::kTcp, {"127.0.0.1", 5006}, {}};
  Child child(netns(), "bt-many-fds", [&](const Line& line) {
    rlimit limit{};
    must(getrlimit(RLIMIT_NOFILE, &limit) == 0, "getrlimit");
    limit.rlim_cur = kManyFds + 10;
    limit.rlim_max = std::max(limit.rlim_max, limit.rlim_cur);
    must(setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit");
    Fd low = serve(request);
    int last = 0;
    while (last < kManyFds - 1) {
      last = dup(line.fd());
      must(last >= 0, "dup");
    }
    const Fd high(dup2(low.get(), kManyFds));
    must(high.open(), "dup2");
    low.close();
    line.tell(held_by_me(high));
    line.wait_for_release();
  });
  const Held held = child.hear<Held>();

  const Record record = only_conflict_of(fail_to_bind(netns(), request));

  EXPECT_EQ(held.fd, kManyFds);
  expect_holder(record, held, "bt-many-fds");
}

TEST_P(HolderOf, AProcessOfAnotherUserIsNamed) {
  constexpr uid_t kSomeUser = 23456;
  const Request request{Transport::kUdp, {"127.0.0.1", 5007}, {}};
  Child child(netns(), "bt-holder", [&](const Line& line) {
    must(setgid(kSomeUser) == 0 && setuid(kSomeUser) == 0, "setuid");
    const Fd socket = serve(request);
    line.tell(held_by_me(socket));
    line.wait_for_release();
  });
  const Held held = child.hear<Held>();

  const Record record = only_conflict_of(fail_to_bind(netns(), request));

  expect_holder(record, held, "bt-holder");
  EXPECT_EQ(record.holder().at("user_id"), kSomeUser) << record.text();
  EXPECT_EQ(record.at("process.user.id"), 0) << record.text();
}

BINDTRACE_ON_EVERY_TIER(HolderOf);

}  // namespace
}  // namespace bindtrace
