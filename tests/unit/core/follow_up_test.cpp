// SPDX-License-Identifier: Apache-2.0
// The follow-up as a whole: what it says, when, and how much it takes on.
#include "core/follow_up.h"

#include <initializer_list>
#include <limits>

#include <gtest/gtest.h>

#include "sequels.h"

namespace bindtrace {
namespace {

constexpr std::uint64_t kMs = 1'000'000;
constexpr std::uint64_t kEver = std::numeric_limits<std::uint64_t>::max();

class FollowUpTest : public testing::Test {
 protected:
  // At `after` the failure, with those sockets on the port.
  std::vector<FollowUp::Outcome> work(std::uint64_t after_ns, const std::vector<HolderSocket>& sockets) {
    now_after_ = after_ns;
    sockets_ = sockets;
    follow_.work(kFailureTime + after_ns);
    return follow_.take_outcomes(kEver);
  }
  void bind_at(std::uint64_t after_ns, const Process& process) {
    follow_.note(sighting(SightingKind::kBound, after_ns, process.pid, process.comm), process);
  }
  void free_at(std::uint64_t after_ns) { follow_.note(sighting(SightingKind::kFreed, after_ns, 811, "nginx"), {}); }

  [[nodiscard]] std::uint64_t next_after() const { return *follow_.next_work_ns() - kFailureTime; }

  FollowUp follow_{{.look =
                        [this](const Request&) {
                          looks_++;
                          cpu_ns_ += look_cost_ns_;
                          return look_fails_ ? Result<Failure>(fail(ErrorKind::kUsage, "no such namespace"))
                                             : Result<Failure>(answer(sockets_, now_after_));
                        },
                    .cpu_ns = [this] { return cpu_ns_; },
                    .exits = [this](std::uint32_t, std::uint64_t) { return exits_; },
                    .watches = 3}};
  std::uint64_t now_after_ = 0;
  std::vector<HolderSocket> sockets_;
  int looks_ = 0;
  std::uint64_t cpu_ns_ = 0;
  std::uint64_t look_cost_ns_ = 0;
  bool look_fails_ = false;
  std::optional<bool> exits_ = false;
};

Incident failed_at(std::uint64_t after_ns) {
  Incident incident = nginx_restart();
  incident.failure.head.key.ktime_ns += after_ns;
  return incident;
}

Incident on_port(std::uint16_t port) {
  Incident incident = nginx_restart();
  incident.failure.request.endpoint.port = port;
  return incident;
}

TEST_F(FollowUpTest, HasNothingToDoWhereNothingIsWatched) {
  EXPECT_FALSE(follow_.next_work_ns());
  EXPECT_TRUE(work(kSecond, {}).empty());
  EXPECT_EQ(looks_, 0);
  EXPECT_FALSE(follow_.waits_for_release());
}

TEST_F(FollowUpTest, SaysWhenItBecameFreeAndWhenTheVictimGotIt) {
  follow_.add(failed_at(0));
  EXPECT_TRUE(work(kMs, {listener()}).empty());
  EXPECT_EQ(follow_.held(), 1U);
  free_at(kSecond);
  const auto freed = work(kSecond + 3 * kMs, {});
  ASSERT_EQ(freed.size(), 1U);
  EXPECT_EQ(follow_.held(), 0U);
  const auto& released = std::get<Released>(freed[0]);
  EXPECT_EQ(released.sequel.ktime_ns, kFailureTime + kSecond) << "of the record, not of the look";
  EXPECT_EQ(released.after_ns, kSecond);
  EXPECT_EQ(released.sequel.failures, 1U);

  bind_at(2 * kSecond, nginx_restart().victim);
  const auto got = work(2 * kSecond + kMs, {});
  ASSERT_EQ(got.size(), 1U);
  const auto& bound = std::get<Bound>(got[0]);
  EXPECT_EQ(bound.attempt, 2U);
  EXPECT_EQ(bound.sequel.ktime_ns, kFailureTime + 2 * kSecond);
  EXPECT_EQ(bound.process.pid, 1234U);
  EXPECT_FALSE(follow_.next_work_ns()) << "the story is over";
  EXPECT_TRUE(follow_.ports().empty());
}

TEST_F(FollowUpTest, AsksWhetherAHolderIsAboutToExitBeforeItSaysThatItClosedIt) {
  const auto how = [this](std::uint64_t after_ns) {
    follow_.add(failed_at(after_ns));
    const auto outcomes = work(after_ns + kMs, {});
    return outcomes.empty() ? std::nullopt : std::optional(std::get<Released>(outcomes[0]).how);
  };
  EXPECT_EQ(how(0), LetGo::kClosed);
  exits_ = true;
  EXPECT_EQ(how(kSecond), LetGo::kExited);
  exits_ = std::nullopt;
  EXPECT_EQ(how(2 * kSecond), LetGo::kUnknown);
}

TEST_F(FollowUpTest, SaysBothInOrderWhenTheVictimWasFasterThanTheLook) {
  follow_.add(failed_at(0));
  bind_at(kSecond, nginx_restart().victim);
  HolderSocket own = listener();
  own.inode = 5000 + 1234;
  const auto outcomes = work(kSecond + 10 * kMs, {own});
  ASSERT_EQ(outcomes.size(), 2U);
  EXPECT_EQ(std::get<Released>(outcomes[0]).sequel.ktime_ns, kFailureTime + kSecond) << "not after it was bound";
  EXPECT_EQ(std::get<Bound>(outcomes[1]).sequel.ktime_ns, kFailureTime + kSecond);
}

TEST_F(FollowUpTest, DoesNotSayThatItIsFreeWhenTheVictimSharesItWithTheHolder) {
  follow_.add(failed_at(0));
  bind_at(kSecond, nginx_restart().victim);
  const auto outcomes = work(kSecond + kMs, {listener()});
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<Bound>(outcomes[0]));
}

TEST_F(FollowUpTest, DoesNotTakeAnotherForTheVictim) {
  follow_.add(failed_at(0));
  bind_at(kSecond, process(900, "apache2", "/usr/sbin/apache2", kSecond));
  const auto outcomes = work(kSecond + kMs, {});
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<Released>(outcomes[0]));
  EXPECT_EQ(follow_.ports(), std::set<std::uint16_t>{80});
}

TEST_F(FollowUpTest, CountsTheFailuresOfOneVictimAtOneAddress) {
  const auto id = follow_.add(failed_at(0));
  EXPECT_EQ(follow_.add(failed_at(kSecond)), id);
  Incident other = failed_at(kSecond);
  other.victim = process(900, "apache2", "/usr/sbin/apache2", kSecond);
  EXPECT_NE(follow_.add(other), id);
  bind_at(2 * kSecond, nginx_restart().victim);
  const auto outcomes = work(2 * kSecond, {});
  EXPECT_EQ(std::get<Bound>(outcomes[1]).attempt, 3U);
  EXPECT_EQ(std::get<Bound>(outcomes[1]).sequel.first.ktime_ns, kFailureTime);
}

TEST_F(FollowUpTest, DoesNotTakeATestOfTheConfigurationForAnAttempt) {
  Incident test = nginx_restart();
  test.diagnosis.cause = Cause::kConfigTest;
  EXPECT_FALSE(follow_.add(test)) << "nobody waits for the address";
  follow_.add(failed_at(kSecond));
  test.failure.head.key.ktime_ns += 2 * kSecond;
  follow_.add(test);
  bind_at(3 * kSecond, nginx_restart().victim);
  const auto outcomes = work(3 * kSecond, {});
  EXPECT_EQ(std::get<Bound>(outcomes.back()).attempt, 2U);
}

TEST_F(FollowUpTest, SaysAgainThatItIsFreeWhenItWasRefusedAgain) {
  follow_.add(failed_at(0));
  EXPECT_EQ(work(kSecond, {}).size(), 1U);
  EXPECT_FALSE(follow_.waits_for_release());
  follow_.add(failed_at(2 * kSecond));
  EXPECT_TRUE(follow_.waits_for_release());
  const auto outcomes = work(5 * kSecond, {});
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(std::get<Released>(outcomes[0]).after_ns, 3 * kSecond);
  EXPECT_EQ(std::get<Released>(outcomes[0]).sequel.failures, 2U);
}

TEST_F(FollowUpTest, DoesNotReopenForAFailureThatWasShownLate) {
  follow_.add(failed_at(0));
  work(kSecond, {});
  follow_.add(failed_at(kSecond / 2));
  EXPECT_FALSE(follow_.waits_for_release());
}

TEST_F(FollowUpTest, CountsAFailureThatWasShownLate) {
  follow_.add(failed_at(0));
  now_after_ = kSecond;
  follow_.work(kFailureTime + kSecond);
  EXPECT_TRUE(follow_.take_outcomes(kFailureTime).empty());
  follow_.add(failed_at(kSecond / 4));
  const auto outcomes = follow_.take_outcomes(kEver);
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(std::get<Released>(outcomes[0]).sequel.failures, 2U);
}

TEST_F(FollowUpTest, GivesUpTheOldestBeyondItsLimitAndCountsIt) {
  for (const std::uint16_t port : std::initializer_list<std::uint16_t>{1, 2, 3, 4}) {
    follow_.add(on_port(port));
  }
  EXPECT_EQ(follow_.evicted(), 1U);
  EXPECT_EQ(follow_.watched(), 4U);
  EXPECT_EQ(follow_.ports(), (std::set<std::uint16_t>{2, 3, 4}));
}

TEST_F(FollowUpTest, EndsSomeTimeAfterTheRelease) {
  follow_.add(failed_at(0));
  work(kSecond, {});
  EXPECT_EQ(next_after(), 601 * kSecond);
  work(601 * kSecond, {});
  EXPECT_FALSE(follow_.next_work_ns());
}

TEST_F(FollowUpTest, EndsADayAfterTheLastFailure) {
  follow_.add(failed_at(0));
  work(24UL * 3600 * kSecond, {listener()});
  EXPECT_FALSE(follow_.next_work_ns());
}

TEST_F(FollowUpTest, EndsWithItsNetworkNamespace) {
  follow_.add(failed_at(0));
  look_fails_ = true;
  EXPECT_TRUE(work(kSecond, {}).empty());
  EXPECT_FALSE(follow_.next_work_ns());
}

TEST_F(FollowUpTest, LooksForNoMoreThanAHundredthOfACore) {
  look_cost_ns_ = kMs;
  follow_.add(failed_at(0));
  work(kMs, {listener()});
  EXPECT_EQ(next_after(), 101 * kMs);
  work(50 * kMs, {listener()});
  EXPECT_EQ(looks_, 1);
}

TEST_F(FollowUpTest, DoesNotPayForALookThatWasDisturbed) {
  look_cost_ns_ = 50 * kMs;
  follow_.add(failed_at(0));
  work(kMs, {listener()});
  EXPECT_EQ(next_after(), 101 * kMs);
  work(200 * kMs, {listener()});
  EXPECT_EQ(next_after(), 5200 * kMs) << "it is always so dear";
}

TEST_F(FollowUpTest, DoesNotRestLongWhenSomethingHappened) {
  look_cost_ns_ = kMs;
  follow_.add(failed_at(0));
  work(kMs, {listener()});
  free_at(10 * kMs);
  EXPECT_EQ(next_after(), 10 * kMs);
  EXPECT_EQ(work(11 * kMs, {}).size(), 1U);
}

TEST_F(FollowUpTest, FollowsNeitherPortZeroNorAnAddressThatIsNotKnown) {
  EXPECT_FALSE(follow_.add(on_port(0)));
  Incident unknown = nginx_restart();
  unknown.failure.request.endpoint.address.reset();
  EXPECT_FALSE(follow_.add(unknown));
  Incident netlink = nginx_restart();
  netlink.failure.request.endpoint = {Transport::kNetlink, {}, {}, "17"};
  EXPECT_FALSE(follow_.add(netlink));
}

Incident at_path() {
  Incident incident = nginx_restart();
  incident.failure.request.endpoint = {Transport::kUnix, {}, {}, "/run/app.sock"};
  incident.path_file = PathFile::kSocket;
  return incident;
}

Sighting bound_at_path(std::uint64_t after_ns) {
  Sighting seen = sighting(SightingKind::kBound, after_ns, 1234, "nginx");
  seen.socket.local = {Transport::kUnix, {}, {}, "/run/app.sock"};
  return seen;
}

TEST_F(FollowUpTest, OfAUnixPathWaitsForItsFile) {
  const auto id = follow_.add(at_path());
  ASSERT_TRUE(id);
  EXPECT_TRUE(work(kSecond, {}).empty());
  EXPECT_EQ(looks_, 0);
  EXPECT_TRUE(follow_.has_names());
  follow_.file_gone(*id, kFailureTime + 2 * kSecond);
  const auto outcomes = follow_.take_outcomes(kEver);
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(std::get<Released>(outcomes[0]).how, LetGo::kFileRemoved);
}

TEST_F(FollowUpTest, OfAUnixPathThatIsBoundKnowsThatItWasFree) {
  follow_.add(at_path());
  follow_.note(bound_at_path(kSecond), nginx_restart().victim);
  EXPECT_EQ(work(kSecond + kMs, {}).size(), 2U);
}

TEST_F(FollowUpTest, OfAnAbstractNameSaysOnlyWhatItWasTold) {
  Incident incident = at_path();
  incident.failure.request.endpoint.name = "@app";
  incident.path_file.reset();
  follow_.add(incident);
  Sighting freed = bound_at_path(kSecond);
  freed.kind = SightingKind::kFreed;
  freed.socket.local.name = "@app";
  freed.socket.inode = 77;
  follow_.note(freed, {});
  EXPECT_TRUE(work(kSecond, {}).empty()) << "a connection, or a name in another namespace";
  freed.socket.inode = listener().inode;
  follow_.note(freed, {});
  EXPECT_EQ(work(kSecond + kMs, {}).size(), 1U);
}

}  // namespace
}  // namespace bindtrace
