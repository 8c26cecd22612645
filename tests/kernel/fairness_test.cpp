// SPDX-License-Identifier: Apache-2.0
// One that fails all the time hides nobody: its failures beyond its share are counted, those of others are shown.
#include <cerrno>
#include <chrono>
#include <csignal>
#include <stdexcept>
#include <string>

#include <unistd.h>

#include "local_sockets.h"
#include "tier_test.h"

namespace bindtrace {
namespace {

constexpr int kOthersFailures = 100;
constexpr useconds_t kOthersPauseUs = 2'000;
constexpr uid_t kNobody = 65'534;

// Until the tracer has told of some; throws std::runtime_error at the time limit.
void wait_until_failures_are_suppressed(Tracer& tracer) {
  const auto deadline = std::chrono::steady_clock::now() + time_limit(10);
  while (std::chrono::steady_clock::now() < deadline) {
    tracer.read_for(std::chrono::milliseconds(100));
    for (const Record& record : tracer.records()) {
      if (record.at("event.name") == "bindtrace.events.lost" && record.at("bindtrace.suppressed") > 0) {
        return;
      }
    }
    tracer.forget_records();
  }
  throw std::runtime_error("nothing was suppressed: the flood is too slow");
}

class Fairness : public TierTest {};

TEST_P(Fairness, AFloodOfOneUserHidesNoFailureOfAnother) {
  stop_shared_tracers();
  Tracer own(tier());
  const Request request{Transport::kTcp, {"127.0.0.1", 11101}, {}};
  const Holder holder = hold(netns(), request);
  // Of an address that no scan is made for: the cheapest refusal makes the fastest flood.
  const LocalEndpoint name = unix_name("bt-flooded");
  const Holder of_name = hold(netns(), name);
  Child flood(netns(), "bt-flood", [&](const Line& line) {
    const Fd socket(::socket(AF_UNIX, name.type, name.protocol));
    line.tell('r');
    while (true) {
      try_bind(socket.get(), name.address);
    }
  });
  flood.hear<char>();
  wait_until_failures_are_suppressed(own);
  Child other(netns(), "bt-other", [&](const Line& line) {
    must(setresgid(kNobody, kNobody, kNobody) == 0 && setresuid(kNobody, kNobody, kNobody) == 0, "setresuid");
    const Fd socket = make_socket(request);
    int failed = 0;
    for (int i = 0; i < kOthersFailures; i++) {
      failed += try_bind(socket.get(), request.endpoint) == EADDRINUSE ? 1 : 0;
      usleep(kOthersPauseUs);
    }
    line.tell(failed);
    line.wait_for_release();
  });
  EXPECT_EQ(other.hear<int>(), kOthersFailures);
  send_signal(flood.pid(), SIGKILL);

  own.wait_for_conflicts(other.pid(), kOthersFailures);
  const Ended ended = own.stop(SIGINT);

  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(own.conflicts_of(other.pid()).size(), kOthersFailures);
  const auto accounts = accounts_of(own.last_record());
  ASSERT_TRUE(accounts.has_value()) << own.last_record().text();
  EXPECT_EQ(accounts->attempted, accounts->emitted + accounts->suppressed + accounts->lost);
  EXPECT_GT(accounts->suppressed, 0) << own.last_record().text();
}

TEST_P(Fairness, WhatIsSuppressedIsToldInTheStream) {
  stop_shared_tracers();
  Tracer own(tier(), {"--ring-size", "64K"});
  const Request request{Transport::kTcp, {"127.0.0.1", 11102}, {}};
  const Holder holder = hold(netns(), request);
  Child flood(netns(), "bt-flood", [&](const Line& line) {
    const Fd socket = make_socket(request);
    for (int i = 0; i < storm_size(); i++) {
      try_bind(socket.get(), request.endpoint);
    }
    line.tell('d');
  });
  flood.hear<char>();

  EXPECT_EQ(own.stop(SIGINT).status, 0);

  int64_t told = 0;
  for (const Record& record : own.records()) {
    if (record.at("event.name") == "bindtrace.events.lost") {
      told += record.at("bindtrace.suppressed").get<int64_t>();
    }
  }
  const auto accounts = accounts_of(own.last_record());
  ASSERT_TRUE(accounts.has_value()) << own.last_record().text();
  EXPECT_GT(told, 0);
  EXPECT_EQ(told, accounts->suppressed);
}

BINDTRACE_ON_ONE_TIER_UNLESS_SHORT(Fairness);

}  // namespace
}  // namespace bindtrace
