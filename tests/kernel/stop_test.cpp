// SPDX-License-Identifier: Apache-2.0
// How the holder was told to stop before the victim failed: bindtrace.stop.
#include <csignal>
#include <cstdint>
#include <ctime>
#include <functional>
#include <string>

#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tier_test.h"

namespace bindtrace {
namespace {

constexpr int kMinuteMs = 60'000;

void stay(int) {}

void react(void (*handler)(int)) {
  for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGTERM}) {
    must(std::signal(number, handler) != SIG_ERR, "signal");
  }
}

// To this process, and waits for it.
void get_signal_of_a_timer(int number) {
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, number);
  must(sigprocmask(SIG_BLOCK, &blocked, nullptr) == 0, "sigprocmask");  // NOLINT(concurrency-mt-unsafe): one thread
  sigevent event{};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = number;
  timer_t timer{};
  must(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0, "timer_create");
  itimerspec once{};
  once.it_value.tv_nsec = 1;
  must(timer_settime(timer, 0, &once, nullptr) == 0, "timer_settime");
  int received = 0;
  must(sigwait(&blocked, &received) == 0 && received == number, "sigwait");
}

std::string own_comm() {
  char comm[16];
  must(prctl(PR_GET_NAME, comm) == 0, "prctl(PR_GET_NAME)");
  return comm;
}

class Stop : public SharedTracerTest {
 protected:
  static constexpr std::uint16_t kPort = 9701;

  // Listens, and has called `prepare`.
  Holder hold_with(const std::function<void()>& prepare) {
    Child child(netns(), "bt-holder", [&](const Line& line) {
      const Fd socket = serve(request_);
      prepare();
      line.tell(held_by_me(socket));
      line.wait_for_release();
    });
    const Held held = child.hear<Held>();
    return {std::move(child), held};
  }

  Record conflict() { return only_conflict_of(fail_to_bind(netns(), request_)); }

  static void expect_stop(const Record& record, const std::string& signal, bool ignored) {
    EXPECT_EQ(record.at("bindtrace.stop.signal"), signal) << record.text();
    EXPECT_EQ(record.at("bindtrace.stop.ignored"), ignored) << record.text();
    ASSERT_TRUE(record.at("bindtrace.stop.ms_ago").is_number_integer()) << record.text();
    EXPECT_GE(record.at("bindtrace.stop.ms_ago").get<int>(), 0) << record.text();
    EXPECT_LT(record.at("bindtrace.stop.ms_ago").get<int>(), kMinuteMs) << record.text();
  }

 private:
  Request request_{Transport::kTcp, {"127.0.0.1", kPort}, {}};
};

TEST_P(Stop, ASignalThatIsHandledIsToldWithItsSender) {
  const Holder holder = hold_with([] { react(stay); });
  send_signal(holder.held.pid, SIGTERM);

  const Record record = conflict();

  expect_stop(record, "SIGTERM", false);
  EXPECT_EQ(record.at("bindtrace.stop.sender.pid"), getpid()) << record.text();
  EXPECT_EQ(record.at("bindtrace.stop.sender.comm"), own_comm()) << record.text();
  EXPECT_EQ(record.holder().at("pid"), holder.held.pid) << record.text();
}

TEST_P(Stop, ASignalThatIsIgnoredIsSaidToBe) {
  const Holder holder = hold_with([] { react(SIG_IGN); });
  send_signal(holder.held.pid, SIGQUIT);

  expect_stop(conflict(), "SIGQUIT", true);
}

TEST_P(Stop, ATimersSignalHasNoSender) {
  const Holder holder = hold_with([] { get_signal_of_a_timer(SIGINT); });

  const Record record = conflict();

  expect_stop(record, "SIGINT", false);
  EXPECT_TRUE(record.at("bindtrace.stop.sender.pid").is_null()) << record.text();
}

TEST_P(Stop, OfEqualSignalsTheFirstCountsAndOfOthersTheLast) {
  const Holder holder = hold_with([] { react(stay); });
  send_signal(holder.held.pid, SIGTERM);
  usleep(100'000);
  send_signal(holder.held.pid, SIGTERM);
  const Record first = conflict();
  EXPECT_GE(first.at("bindtrace.stop.ms_ago").get<int>(), 100) << first.text();

  send_signal(holder.held.pid, SIGINT);

  expect_stop(conflict(), "SIGINT", false);
}

// "Read your files again" to daemons.
TEST_P(Stop, AHangupThatIsHandledTellsNobodyToStop) {
  const Holder holder = hold_with([] { react(stay); });
  send_signal(holder.held.pid, SIGHUP);

  const Record record = conflict();

  EXPECT_TRUE(record.at("bindtrace.stop.signal").is_null()) << record.text();
  EXPECT_EQ(record.holder().at("pid"), holder.held.pid) << record.text();
}

// It ends this one as soon as its debugger lets it go on.
TEST_P(Stop, AHangupThatEndsIsTold) {
  const Holder holder = hold_with([] { must(ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0, "ptrace"); });
  send_signal(holder.held.pid, SIGSTOP);
  ASSERT_EQ(waitpid(holder.held.pid, nullptr, WUNTRACED), holder.held.pid);
  send_signal(holder.held.pid, SIGHUP);

  expect_stop(conflict(), "SIGHUP", false);
}

BINDTRACE_ON_ONE_TIER(Stop);

}  // namespace
}  // namespace bindtrace
