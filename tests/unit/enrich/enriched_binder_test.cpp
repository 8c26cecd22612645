// SPDX-License-Identifier: Apache-2.0
// Who bound the socket of a holder.
#include "enrich/enricher.h"

#include <optional>

#include <gtest/gtest.h>

#include "enrichment.h"

namespace bindtrace {
namespace {

class EnrichedBinder : public EnricherTest {
 protected:
  EnrichedBinder() { failure_.owners = {owner(task(811), {6})}; }

  // The binder that the record tells, and that is said of the holder.
  std::optional<BoundBy> bound_by(const Holdings::Bind& bind) {
    holdings_.note(bind);
    return enrich().holders.at(0).bound_by;
  }
  Holdings::Bind bind_ = {.inode = kInode,
                          .pid = 77,
                          .start_boottime_ns = 70 * kTickNs,
                          .comm = "master",
                          .ktime_ns = kFailureTime - 22 * kSecond};
};

TEST_F(EnrichedBinder, IsNamedWithTheTimeSince) {
  const auto by = bound_by(bind_);
  ASSERT_TRUE(by);
  EXPECT_EQ(by->pid, 77U);
  EXPECT_EQ(by->comm, "master");
  EXPECT_EQ(by->ms_ago, 22'000);
  EXPECT_EQ(by->alive, false);
}

TEST_F(EnrichedBinder, LivesWithItsStartTimeOnly) {
  tree_.add({.pid = 77, .start_ticks = 70});
  EXPECT_EQ(bound_by(bind_)->alive, true);
  bind_.start_boottime_ns += kTickNs;
  EXPECT_EQ(bound_by(bind_)->alive, false) << "another process with that pid";
}

TEST_F(EnrichedBinder, HasNoTimeWhereItWasOnlySeenAtTheStart) {
  bind_.seeded = true;
  const auto by = bound_by(bind_);
  EXPECT_EQ(by->pid, 77U);
  EXPECT_FALSE(by->ms_ago);
}

TEST_F(EnrichedBinder, OfALaterSocketWithThatInodeIsAnother) {
  bind_.ktime_ns = kFailureTime + 1;
  EXPECT_FALSE(bound_by(bind_));
}

TEST_F(EnrichedBinder, OfAnotherPortIsOfAnEarlierSocketWithThatInode) {
  bind_.port = 81;
  EXPECT_FALSE(bound_by(bind_));
}

TEST_F(EnrichedBinder, IsUnknownWithoutARecord) {
  EXPECT_FALSE(enrich().holders.at(0).bound_by);
}

TEST_F(EnrichedBinder, ThatBoundWithinATickOfItsStartIsNotAnotherOneOfThatTickWithItsPid) {
  bind_.ktime_ns = bind_.start_boottime_ns + 1000;
  tree_.add({.pid = 77, .comm = "impostor", .start_ticks = 70});
  EXPECT_FALSE(bound_by(bind_)->alive.has_value()) << "it may have changed its name";
  tree_.remove(77);
  tree_.add({.pid = 77, .comm = "master", .start_ticks = 70});
  EXPECT_EQ(bound_by(bind_)->alive, true);
}

}  // namespace
}  // namespace bindtrace
