// SPDX-License-Identifier: Apache-2.0
// Who victim and holder are: who started them, in which namespaces they are, and when the holder was seen.
#include <cerrno>
#include <csignal>
#include <optional>
#include <string>

#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "entering.h"
#include "local_sockets.h"
#include "start_time.h"
#include "tier_test.h"

namespace bindtrace {
namespace {

constexpr int kMostAncestors = 8;

// As process 1 of a pid namespace of its own. `body` is given its pid in the initial one.
void run_in_pid_namespace(const std::string& comm, const std::function<void(pid_t pid)>& body) {
  int ends[2];
  must(pipe(ends) == 0 && unshare(CLONE_NEWPID) == 0, "unshare(CLONE_NEWPID)");
  const pid_t child = fork();
  must(child >= 0, "fork");
  if (child == 0) {
    pid_t pid = 0;
    must(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && prctl(PR_SET_NAME, comm.c_str()) == 0, "prctl");
    must(read(ends[0], &pid, sizeof(pid)) == sizeof(pid), "read");
    body(pid);
    _exit(0);
  }
  must(write(ends[1], &child, sizeof(child)) == sizeof(child), "write");
  waitpid(child, nullptr, 0);
}

// The parent first; each is older than the one before, and the last is the first process or the chain says why not.
void expect_lineage(const nlohmann::json& ancestors, const nlohmann::json& cut, pid_t parent, const Record& record) {
  ASSERT_TRUE(ancestors.is_array() && !ancestors.empty()) << record.text();
  ASSERT_LE(ancestors.size(), kMostAncestors) << record.text();
  EXPECT_EQ(ancestors.front().at("pid"), parent) << record.text();
  EXPECT_EQ(cut.is_null(), ancestors.back().at("pid") == 1) << record.text();
  uint64_t ticks = start_ticks(getpid());
  for (const nlohmann::json& ancestor : ancestors) {
    EXPECT_LE(start_ticks(ancestor.at("pid")), ticks) << record.text();
    ticks = start_ticks(ancestor.at("pid"));
  }
}

class IdentityOf : public SharedTracerTest {};

TEST_P(IdentityOf, VictimAndHolderIsWhoStartedThem) {
  const Request request{Transport::kTcp, {"127.0.0.1", 5301}, {}};
  const Holder holder = hold(netns(), request);

  const Record record = only_conflict_of(fail_to_bind(netns(), request));

  expect_lineage(record.at("process.ancestors"), record.at("process.ancestors_cut"), getpid(), record);
  expect_lineage(record.holder().at("ancestors"), record.holder().at("ancestors_cut"), getpid(), record);
}

TEST_P(IdentityOf, TheHolderIsWhenItStartedAndWhoseItIs) {
  const Request request{Transport::kTcp, {"127.0.0.1", 5302}, {}};
  const Holder holder = hold(netns(), request);

  const Record record = only_conflict_of(fail_to_bind(netns(), request));

  EXPECT_TRUE(is_within_tick(record.holder().at("start_time"), start_ticks(holder.held.pid))) << record.text();
  EXPECT_EQ(record.holder().at("vpid"), holder.held.pid) << record.text();
  EXPECT_EQ(record.holder().at("alive"), true) << record.text();
}

TEST_P(IdentityOf, AHolderSaysHowLongAfterTheFailureItWasSeen) {
  const Request request{Transport::kTcp, {"127.0.0.1", 5303}, {}};
  const Holder holder = hold(netns(), request);
  const Holder other = hold(netns(), unix_name("bt-identity"));

  const Record seen = only_conflict_of(fail_to_bind(netns(), request));
  const Record searched = only_conflict_of(fail_to_bind(netns(), unix_name("bt-identity")));

  for (const Record* record : {&seen, &searched}) {
    ASSERT_TRUE(record->holder().at("seen_after_us").is_number_integer()) << record->text();
    EXPECT_LE(record->holder().at("seen_after_us"), record->at("bindtrace.observed_after_us")) << record->text();
  }
}

TEST_P(IdentityOf, ProcessesOfAnotherPidNamespaceIsTheirPidHereAndThere) {
  const Request request{Transport::kTcp, {"127.0.0.1", 5304}, {}};
  Child holder(netns(), "bt-outer", [&](const Line& line) {
    run_in_pid_namespace("bt-inner", [&](pid_t pid) {
      const Fd socket = serve(request);
      Held held = held_by_me(socket);
      held.pid = pid;
      line.tell(held);
      line.wait_for_release();
    });
  });
  const Held held = holder.hear<Held>();
  const Victim victim = fail_in(netns(), "bt-outer", [&](const Line& line) {
    run_in_pid_namespace("bt-victim", [&](pid_t pid) {
      const Fd socket = make_socket(request);
      Tried tried = bind_and_tell(socket, request.endpoint);
      tried.pid = tried.tid = pid;
      line.tell(tried);
      line.wait_for_release();
    });
  });

  const Record record = only_conflict_of(victim);

  EXPECT_EQ(record.at("process.executable.name"), "bt-victim") << record.text();
  EXPECT_EQ(record.at("process.thread.id"), victim.tried.tid) << record.text();
  EXPECT_EQ(record.at("process.vpid"), 1) << record.text();
  expect_holder(record, held, "bt-inner");
  EXPECT_EQ(record.holder().at("vpid"), 1) << record.text();
  EXPECT_EQ(record.holder().at("ancestors")[0].at("pid"), holder.pid()) << record.text();
}

// Seen in the failing call, and not there any more when its table is read: no more is said than what that shows.
TEST_P(IdentityOf, AHolderThatClosesTheSocketAtOnceIsTheOneThatHadIt) {
  const Request request{Transport::kTcp, {"127.0.0.1", 5310}, {}};
  Child holder(netns(), "bt-closer", [&](const Line& line) {
    Fd socket = serve(request);
    line.tell(held_by_me(socket));
    line.wait_for_release();
    socket.close();
    line.tell(true);
    pause();
  });
  const Held held = holder.hear<Held>();
  Tracer own(tier());  // tables are read within a budget of time, which is full at first
  std::optional<Stopped> stopped(own.pid());
  const Victim victim = fail_to_bind(netns(), request);
  holder.release();
  holder.hear<bool>();
  stopped.reset();

  const Record record = TierTest::only_conflict_of(own, victim);

  EXPECT_EQ(record.holder().at("pid"), held.pid) << record.text();
  EXPECT_EQ(record.holder().at("alive"), true) << record.text();
  EXPECT_EQ(record.holder().at("source"), "kernel_at_failure") << record.text();
  EXPECT_EQ(record.holder().at("closed_since"), true) << record.text();
  EXPECT_EQ(record.at("bindtrace.holder_reason"), "bt-closer[" + std::to_string(held.pid) + "] has closed it since");
}

BINDTRACE_ON_EVERY_TIER_UNLESS_SHORT(IdentityOf);

class NamedNetns : public TierTest {};

TEST_P(NamedNetns, IsNamedInTheRecordAndWhereItIsNotOursInTheText) {
  const Request request{Transport::kTcp, {"127.0.0.1", 5305}, {}};
  const auto name_it = naming(netns());
  Tracer own(tier(), {}, Tracer::Output::kRecords, name_it);
  Tracer text(tier(), {"-o", "text"}, Tracer::Output::kText, name_it);
  const Holder holder = hold(netns(), request);

  const Record record = only_conflict_of(own, fail_to_bind(netns(), request));

  EXPECT_EQ(record.at("bindtrace.netns_name"), kNetnsName) << record.text();
  text.text_with(std::string("in netns ") + kNetnsName);
}

BINDTRACE_ON_ONE_TIER_UNLESS_SHORT(NamedNetns);

}  // namespace
}  // namespace bindtrace
