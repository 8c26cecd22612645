// SPDX-License-Identifier: Apache-2.0
// The tracer's own start and end, alone and beside another one.
#include <algorithm>
#include <cctype>
#include <cerrno>
#include <csignal>
#include <string>

#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "tier_test.h"

namespace bindtrace {
namespace {

constexpr auto kEndSeconds = 1.0;
constexpr int kInternal = 5;
constexpr int kBacklog = 2000;  // of this many holders each: more than can be shown in a second
constexpr int kHolders = 16;

// From another process, in what is the middle of the tracer's start even on a fast machine.
void interrupt_soon(pid_t tracer) {
  must(signal(SIGINT, SIG_DFL) != SIG_ERR, "signal");  // a shell's background jobs have it ignored
  const pid_t child = fork();
  must(child >= 0, "fork");
  if (child == 0) {
    usleep(20'000);
    kill(tracer, SIGINT);
    _exit(0);
  }
}

// A child that has what its parent has, and ends with it.
void add_heir(const Line& line) {
  const pid_t heir = fork();
  must(heir >= 0, "fork");
  if (heir == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    line.wait_for_release();
    _exit(0);
  }
}

// stdout is a full pipe, whose reader (the tracer itself, so that it stays) does not read.
void write_to_nobody() {
  constexpr int kSpareFd = 3;
  int ends[2];
  must(pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0, "pipe2");
  const std::string page(4096, '\n');
  while (write(ends[1], page.data(), page.size()) > 0) {
  }
  must(fcntl(ends[1], F_SETFL, 0) == 0, "F_SETFL");
  must(dup2(ends[0], kSpareFd) >= 0 && dup2(ends[1], STDOUT_FILENO) >= 0, "dup2");
}

void lose_the_reader() {
  int ends[2];
  must(pipe2(ends, O_CLOEXEC) == 0 && dup2(ends[1], STDOUT_FILENO) >= 0, "pipe2");
}

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
    EXPECT_EQ(own.last_record().at("bindtrace.tier"), tier()) << own.last_record().text();
    expect_balance(own);
  }

  // Each failure is in one account, and those that were emitted are those that are shown.
  static Accounts expect_balance(const Tracer& own) {
    const Record& last = own.last_record();
    const auto accounts = accounts_of(last);
    EXPECT_TRUE(accounts.has_value()) << last.text();
    if (!accounts) {
      return {};
    }
    EXPECT_EQ(accounts->attempted, accounts->emitted + accounts->suppressed + accounts->lost) << last.text();
    EXPECT_EQ(std::count_if(own.records().begin(), own.records().end(), &accounts_of), 1) << "one such record a run";
    const auto shown = std::count_if(own.records().begin(), own.records().end(), [](const Record& record) {
      return record.at("event.name") == "bindtrace.bind.conflict";
    });
    EXPECT_EQ(accounts->emitted, shown) << "each failure that was emitted is shown";
    return *accounts;
  }

  pid_t fail_many_times(const Request& request, int times) const {
    Child victim(netns(), "bt-victim", [&](const Line& line) {
      const Fd socket = make_socket(request);
      int failed = 0;
      for (int i = 0; i < times; i++) {
        failed += try_bind(socket.get(), request.endpoint) == EADDRINUSE ? 1 : 0;
      }
      line.tell(failed);
    });
    EXPECT_EQ(victim.hear<int>(), times);
    return victim.pid();
  }
};

// What does not depend on where the tracer is attached.
class Ending : public Lifecycle {};

TEST_P(Lifecycle, AnInterruptEndsItWithATallyWithinASecond) {
  expect_good_end(SIGINT);
}

TEST_P(Ending, ATerminationEndsItWithATallyWithinASecond) {
  expect_good_end(SIGTERM);
}

TEST_P(Ending, AHangUpEndsItWithATallyWithinASecond) {
  expect_good_end(SIGHUP);
}

TEST_P(Ending, AnInterruptDuringTheStartEndsItAtOnce) {
  const Ended ended = run_tracer({"-j", "--attach=" + tier()}, [] { interrupt_soon(getpid()); });

  EXPECT_EQ(ended.status, 128 + SIGINT) << ended.err;
  EXPECT_EQ(ended.out, "");
}

TEST_P(Ending, AnInterruptEndsItWithinASecondHoweverMuchIsStillToBeShown) {
  Tracer own(tier());
  const Request request{Transport::kTcp, {"127.0.0.1", 9003}, {}};
  Child holders(netns(), "bt-holder", [&](const Line& line) {
    const Fd socket = serve(request);
    for (int i = 1; i < kHolders; i++) {
      add_heir(line);
    }
    line.tell(held_by_me(socket));
    line.wait_for_release();
  });
  holders.hear<Held>();
  send_signal(own.pid(), SIGSTOP);
  const pid_t victim = fail_many_times(request, kBacklog);
  send_signal(own.pid(), SIGCONT);
  own.wait_for_conflicts(victim, 1);

  const Ended ended = own.stop(SIGINT);

  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_LE(ended.took, time_limit(kEndSeconds));
  expect_balance(own);
}

TEST_P(Ending, ItsDurationHoldsAlthoughNobodyReads) {
  const Ended ended = run_tracer({"-j", "--attach=" + tier(), "--duration", "200ms"}, write_to_nobody);

  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_NE(ended.err.find(" seen, "), std::string::npos) << ended.err;
}

TEST_P(Ending, ItEndsWhenItsReaderHasGoneAlthoughThereIsNothingToShow) {
  const Ended ended = run_tracer({"-o", "line", "--attach=" + tier()}, lose_the_reader);

  EXPECT_EQ(ended.status, 0) << ended.err;
}

TEST_P(Ending, AClosedOutputIsNoOutput) {
  const Ended ended = run_tracer({"-j", "--attach=" + tier(), "--duration", "200ms"}, [] { close(STDOUT_FILENO); });

  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_NE(ended.err.find(" seen, "), std::string::npos) << ended.err;
}

TEST_P(Ending, AFullDiskIsNamedAndTheTallyGivenAllTheSame) {
  const Ended ended = run_tracer({"-j", "--attach=" + tier()}, [] {
    must(dup2(open("/dev/full", O_WRONLY | O_CLOEXEC), STDOUT_FILENO) == STDOUT_FILENO, "/dev/full");
  });

  EXPECT_EQ(ended.status, kInternal) << ended.err;
  EXPECT_NE(ended.err.find(" seen, "), std::string::npos) << ended.err;
  EXPECT_NE(ended.err.find("No space left"), std::string::npos) << ended.err;
}

TEST_P(Ending, WhatIsBeyondTheWantedNumberIsSuppressed) {
  Tracer own(tier(), {"--max-events", "1"});
  const Request request{Transport::kTcp, {"127.0.0.1", 9004}, {}};
  const Holder holder = hold(netns(), request);
  send_signal(own.pid(), SIGSTOP);
  fail_many_times(request, 5);
  send_signal(own.pid(), SIGCONT);

  const Ended ended = own.stop(SIGINT);

  EXPECT_EQ(ended.status, 0) << ended.err;
  const Accounts accounts = expect_balance(own);
  EXPECT_EQ(accounts.emitted, 1);
  EXPECT_GE(accounts.suppressed, 4);
}

TEST_P(Ending, ItEndsByItselfAfterItsDuration) {
  const Ended ended = run_tracer({"-j", "--attach=" + tier(), "--duration", "200ms"});

  EXPECT_EQ(ended.status, 0) << ended.err;
  ASSERT_TRUE(ended.out.ends_with('\n')) << ended.out;
  const size_t last = ended.out.rfind('\n', ended.out.size() - 2) + 1;
  EXPECT_TRUE(accounts_of(Record::parse(ended.out.substr(last)))) << ended.out;
}

TEST_P(Lifecycle, TwoAtOnceSeeTheSameFailureOnceEachAndNothingOfEachOther) {
  const Request request{Transport::kTcp, {"127.0.0.1", 9002}, {}};
  const Holder holder = hold(netns(), request);
  Tracer first(tier());
  const pid_t first_pid = first.pid();
  Tracer second(tier());
  const pid_t second_pid = second.pid();
  const Victim victim = fail_to_bind(netns(), request);

  const Record seen_by_first = TierTest::only_conflict_of(first, victim);
  const Record seen_by_second = TierTest::only_conflict_of(second, victim);

  expect_holder(seen_by_first, holder.held, "bt-holder");
  expect_holder(seen_by_second, holder.held, "bt-holder");
  EXPECT_EQ(second.stop(SIGINT).status, 0);
  EXPECT_EQ(first.stop(SIGINT).status, 0);
  EXPECT_TRUE(first.conflicts_of(second_pid).empty()) << "the first shows the second's self-check";
  EXPECT_TRUE(second.conflicts_of(first_pid).empty()) << "the second shows the first";
  EXPECT_EQ(expect_balance(first).suppressed, 0) << "the second's self-check is in its account";
  EXPECT_EQ(expect_balance(second).suppressed, 0);
}

TEST_P(Ending, AProgramThatRefusesItselfTheAddressOfTheSelfCheckIsShown) {
  const Request request{Transport::kTcp, {"127.98.116.1", 9005}, {}};
  const Victim victim = fail_in(netns(), "bt-victim", [&](const Line& line) {
    const Fd first = make_socket(request);
    bind_socket(first.get(), request.endpoint);
    const Fd second = make_socket(request);
    line.tell(bind_and_tell(second, request.endpoint));
    line.wait_for_release();
  });

  EXPECT_EQ(only_conflict_of(victim).at("network.local.address"), request.endpoint.address);
}

BINDTRACE_ON_EVERY_TIER_UNLESS_SHORT(Lifecycle);
BINDTRACE_ON_ONE_TIER_UNLESS_SHORT(Ending);

}  // namespace
}  // namespace bindtrace
