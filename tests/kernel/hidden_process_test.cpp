// SPDX-License-Identifier: Apache-2.0
// Where /proc hides other users' processes from the tracer, what the kernel side saw stays, and nothing is made up.
#include <sched.h>
#include <sys/mount.h>

#include "privilege.h"
#include "tier_test.h"

namespace bindtrace {
namespace {

void hide_processes() {
  must(unshare(CLONE_NEWNS) == 0, "unshare(CLONE_NEWNS)");
  must(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "make mounts private");
  must(mount("proc", "/proc", "proc", 0, "hidepid=2") == 0, "mount /proc with hidepid=2");
}

void hide_processes_and_keep_two_capabilities() {
  hide_processes();
  keep_two_capabilities();
}

class HiddenProcess : public TierTest {};

TEST_P(HiddenProcess, IsNamedByTheKernelAndNotSaidToBeDead) {
  if (tier() == "kprobe" && events_are_restricted()) {
    GTEST_SUCCEED() << "this tier takes CAP_SYS_ADMIN here";
    return;
  }
  Tracer own(tier(), {}, Tracer::Output::kRecords, hide_processes_and_keep_two_capabilities);
  const Request request{Transport::kTcp, {"127.0.0.1", 5201}, {}};
  const Holder holder = hold(netns(), request);
  const Victim victim = fail_to_bind(netns(), request);

  const Record record = only_conflict_of(own, victim);

  expect_victim(record, victim, "bt-victim");
  expect_holder(record, holder.held, "bt-holder");
  EXPECT_TRUE(record.at("bindtrace.holder_reason").is_null()) << record.text();
  EXPECT_TRUE(record.holder().at("alive").is_null()) << record.text();
  EXPECT_TRUE(record.holder().at("closed_since").is_null()) << record.text();
  EXPECT_TRUE(record.holder().at("executable").is_null()) << record.text();
  EXPECT_TRUE(record.at("process.executable.path").is_null()) << record.text();
  const nlohmann::json ancestors = record.at("process.ancestors");
  ASSERT_EQ(ancestors.size(), 1U) << record.text();
  EXPECT_EQ(ancestors[0].at("pid"), victim.tried.parent) << record.text();
  EXPECT_TRUE(record.at("process.ancestors_cut").get<std::string>().ends_with("is not to be seen in /proc"))
      << record.text();
}

TEST_P(HiddenProcess, IsSeenByOneThatMayTraceIt) {
  Tracer own(tier(), {}, Tracer::Output::kRecords, hide_processes);
  const Request request{Transport::kTcp, {"127.0.0.1", 5202}, {}};
  const Holder holder = hold(netns(), request);

  const Record record = only_conflict_of(own, fail_to_bind(netns(), request));

  expect_holder(record, holder.held, "bt-holder");
  EXPECT_EQ(record.holder().at("alive"), true) << record.text();
  EXPECT_TRUE(record.holder().at("executable").is_string()) << record.text();
}

BINDTRACE_ON_ONE_TIER_UNLESS_SHORT(HiddenProcess);

}  // namespace
}  // namespace bindtrace
