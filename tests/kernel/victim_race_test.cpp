// SPDX-License-Identifier: Apache-2.0
// The victim and its cgroup are gone at once, as when a service manager removes what is left of a service that died.
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include <unistd.h>

#include "cgroup.h"
#include "shared.h"
#include "start_time.h"
#include "tier_test.h"

namespace bindtrace {
namespace {

constexpr char kUnit[] = "bt-race.service";

struct Expected {
  std::string comm;
  uint64_t start_ticks;
};

struct Trial {
  std::atomic<int> error;
};

class VictimRace : public TierTest {
 protected:
  // `end` ends the victim right after its bind has failed.
  void race(const std::function<void()>& end) {
    stop_shared_tracers();
    Tracer own(tier());
    const Request request{Transport::kTcp, {"127.0.0.1", 10001}, {}};
    const Holder holder = hold(netns(), request);
    std::map<int, Expected> expected;
    for (int i = 0; i < trials(); i++) {
      const auto [pid, victim] = run_trial(request, "victim-" + std::to_string(i), end);
      expected.insert_or_assign(pid, victim);
      own.drain();
    }
    settle(own);

    size_t named = 0;
    for (const Record& record : own.records()) {
      const auto trial = expected.find(record.at("process.pid").is_null() ? 0 : record.at("process.pid").get<int>());
      if (record.at("event.name") != "bindtrace.bind.conflict" || trial == expected.end()) {
        continue;
      }
      named++;
      EXPECT_EQ(record.at("process.executable.name"), trial->second.comm) << record.text();
      EXPECT_TRUE(is_within_tick(record.at("process.creation.time"), trial->second.start_ticks)) << record.text();
      EXPECT_EQ(record.at("process.linux.cgroup"), std::string("/") + kUnit) << record.text();
      EXPECT_EQ(record.at("bindtrace.unit"), kUnit) << record.text();
      EXPECT_EQ(record.holder().at("pid"), holder.held.pid) << record.text();
    }
    std::printf("%zu of %zu victims named\n", named, expected.size());
    EXPECT_EQ(named, expected.size());
  }

 private:
  std::pair<int, Expected> run_trial(const Request& request, const std::string& comm,
                                     const std::function<void()>& end) {
    const Shared<Trial> trial;
    Expected expected{comm, 0};
    int pid = 0;
    std::filesystem::path cgroup_path;
    {
      const Cgroup cgroup(kUnit);
      cgroup_path = cgroup.path();
      Child victim(netns(), comm, [&](const Line& line) {
        cgroup.enter();
        const Fd socket = make_socket(request);
        line.tell('r');
        line.wait_for_release();
        trial->error = try_bind(socket.get(), request.endpoint);
        end();
      });
      victim.hear<char>();
      pid = victim.pid();
      expected.start_ticks = start_ticks(pid);
      victim.release();
      victim.join();
    }
    EXPECT_EQ(trial->error, EADDRINUSE);
    EXPECT_FALSE(std::filesystem::exists(cgroup_path)) << "the cgroup is still there";
    return {pid, expected};
  }
};

TEST_P(VictimRace, AVictimThatExitsAtOnceIsNamedWithItsUnit) {
  race([] { _exit(0); });
}

TEST_P(VictimRace, AVictimThatIsKilledAtOnceIsNamedWithItsUnit) {
  race([] { kill(getpid(), SIGKILL); });
}

BINDTRACE_ON_EVERY_TIER_UNLESS_SHORT(VictimRace);

}  // namespace
}  // namespace bindtrace
