// SPDX-License-Identifier: Apache-2.0
// A service that is restarted against a held port again and again is one story, counted exactly.
#include <cerrno>
#include <csignal>
#include <string>
#include <vector>

#include "cgroup.h"
#include "tier_test.h"

namespace bindtrace {
namespace {

constexpr int kRestarts = 60;

class Episode : public TierTest {
 protected:
  static std::vector<Record> named(const Tracer& tracer, const std::string& name) {
    std::vector<Record> found;
    for (const Record& record : tracer.records()) {
      if (record.at("event.name") == name) {
        found.push_back(record);
      }
    }
    return found;
  }
};

TEST_P(Episode, OfAServiceThatIsRestartedIsToldOnceAndSummedUp) {
  const Request request{Transport::kTcp, {"127.0.0.1", 9401}, {}};
  Tracer own(tier(), {"--netns", std::to_string(netns().inode())}, Tracer::Output::kStories);
  const Cgroup unit("bt-restart.service");
  pid_t first = 0;
  {
    const Holder holder = hold(netns(), request);
    for (int i = 0; i < kRestarts; i++) {
      Child service(netns(), "bt-service", [&](const Line& line) {
        unit.enter();
        const Fd socket = make_socket(request);
        line.tell(bind_and_tell(socket, request.endpoint));
      });
      const Tried tried = service.hear<Tried>();
      ASSERT_EQ(tried.error, EADDRINUSE);
      service.join();
      first = i == 0 ? tried.pid : first;
    }
  }
  own.sequel("bindtrace.conflict.released", "127.0.0.1", 9401);
  Child service(netns(), "bt-service", [&](const Line& line) {
    unit.enter();
    const Fd socket = make_socket(request);
    line.tell(bind_and_tell(socket, request.endpoint));
    line.wait_for_release();
  });
  ASSERT_EQ(service.hear<Tried>().error, 0);
  const Record bound = own.sequel("bindtrace.conflict.bound", "127.0.0.1", 9401);
  own.stop(SIGINT);

  const std::vector<Record> conflicts = named(own, "bindtrace.bind.conflict");
  ASSERT_EQ(conflicts.size(), 1U) << "one story";
  EXPECT_EQ(conflicts[0].at("process.pid"), first);
  EXPECT_EQ(conflicts[0].at("bindtrace.episode.attempt"), 1);
  EXPECT_EQ(conflicts[0].at("bindtrace.episode.id"), conflicts[0].at("event.id"));
  int64_t repeats = 0;
  for (const Record& summary : named(own, "bindtrace.conflict.summary")) {
    repeats += summary.at("bindtrace.episode.repeat_count").get<int64_t>();
    EXPECT_EQ(summary.at("bindtrace.episode.id"), conflicts[0].at("event.id")) << summary.text();
    EXPECT_EQ(summary.at("bindtrace.unit"), "bt-restart.service") << summary.text();
  }
  EXPECT_EQ(repeats, kRestarts - 1);
  EXPECT_EQ(bound.at("bindtrace.episode.attempt"), kRestarts + 1) << bound.text();
  const auto accounts = accounts_of(own.last_record());
  ASSERT_TRUE(accounts);
  EXPECT_EQ(accounts->attempted, kRestarts);
  EXPECT_EQ(accounts->emitted, kRestarts) << "shown alone or counted in a story";
}

TEST_P(Episode, IsAnotherOneWhereTheHolderIsAnother) {
  const Request request{Transport::kTcp, {"127.0.0.1", 9402}, {}};
  Tracer own(tier(), {"--netns", std::to_string(netns().inode())}, Tracer::Output::kStories);
  for (int i = 0; i < 2; i++) {
    const Holder holder = hold(netns(), request);
    const Victim victim = fail_to_bind(netns(), request);
    own.conflict_of(victim.tried.pid);
  }
  own.stop(SIGINT);
  EXPECT_EQ(named(own, "bindtrace.bind.conflict").size(), 2U);
}

BINDTRACE_ON_ONE_TIER_UNLESS_SHORT(Episode);

}  // namespace
}  // namespace bindtrace
