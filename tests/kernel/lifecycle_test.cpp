// SPDX-License-Identifier: Apache-2.0
// The tracer's own start and end, alone and beside another one.
#include <algorithm>
#include <cctype>
#include <csignal>

#include "tier_test.h"

namespace bindtrace {
namespace {

constexpr auto kEndSeconds = 1.0;

class Lifecycle : public SharedTracerTest {
 protected:
  void expect_good_end(int signal) {
    Tracer own(tier());
    const pid_t pid = own.pid();
    const Request request{Transport::kTcp, {"127.0.0.1", 9001}, {}};
    const Holder holder = hold(netns(), request);
    EXPECT_EQ(TierTest::only_conflict_of(own, fail_to_bind(netns(), request)).at("network.local.port"), 9001);

    const Ended ended = own.stop(signal);

    EXPECT_EQ(ended.status, 0) << ended.err;
    EXPECT_LE(ended.took, time_limit(kEndSeconds));
    EXPECT_TRUE(std::any_of(ended.err.begin(), ended.err.end(), [](unsigned char c) { return std::isdigit(c); }))
        << "no tally in: " << ended.err;
    EXPECT_TRUE(own.conflicts_of(pid).empty()) << "its self-check is shown";
    const Record& first = own.records().front();
    EXPECT_EQ(first.at("event.name"), "bindtrace.agent.started") << first.text();
    EXPECT_EQ(first.at("bindtrace.tier"), tier()) << first.text();
    const Record& last = own.last_record();
    EXPECT_EQ(last.at("bindtrace.tier"), tier()) << last.text();
    const auto accounts = accounts_of(last);
    ASSERT_TRUE(accounts.has_value()) << last.text();
    EXPECT_EQ(accounts->attempted, accounts->emitted + accounts->suppressed + accounts->lost) << last.text();
    EXPECT_EQ(std::count_if(own.records().begin(), own.records().end(), &accounts_of), 1) << "one such record a run";
    const auto shown = std::count_if(own.records().begin(), own.records().end(), [](const Record& record) {
      return record.at("event.name") == "bindtrace.bind.conflict";
    });
    EXPECT_EQ(accounts->emitted, shown) << "each failure that was emitted is shown";
  }
};

TEST_P(Lifecycle, AnInterruptEndsItWithATallyWithinASecond) {
  expect_good_end(SIGINT);
}

TEST_P(Lifecycle, ATerminationEndsItWithATallyWithinASecond) {
  expect_good_end(SIGTERM);
}

TEST_P(Lifecycle, ItEndsByItselfAfterItsDuration) {
  const Ended ended = run_tracer({"-j", "--attach=" + tier(), "--duration", "200ms"});

  EXPECT_EQ(ended.status, 0) << ended.err;
  ASSERT_TRUE(ended.out.ends_with('\n')) << ended.out;
  const size_t last = ended.out.rfind('\n', ended.out.size() - 2) + 1;
  EXPECT_TRUE(accounts_of(Record::parse(ended.out.substr(last)))) << ended.out;
}

TEST_P(Lifecycle, TwoAtOnceSeeTheSameFailureOnceEachAndNothingOfEachOther) {
  const Request request{Transport::kTcp, {"127.0.0.1", 9002}, {}};
  const Holder holder = hold(netns(), request);
  Tracer second(tier());
  const pid_t second_pid = second.pid();
  const Victim victim = fail_to_bind(netns(), request);

  const Record seen_by_first = only_conflict_of(victim);
  const Record seen_by_second = TierTest::only_conflict_of(second, victim);

  expect_holder(seen_by_first, holder.held, "bt-holder");
  expect_holder(seen_by_second, holder.held, "bt-holder");
  EXPECT_EQ(second.stop(SIGINT).status, 0);
  EXPECT_TRUE(tracer().conflicts_of(second_pid).empty()) << "the first shows the second's self-check";
  EXPECT_TRUE(second.conflicts_of(tracer().pid()).empty()) << "the second shows the first";
}

BINDTRACE_ON_EVERY_TIER(Lifecycle);

}  // namespace
}  // namespace bindtrace
