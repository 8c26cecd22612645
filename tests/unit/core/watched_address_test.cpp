// SPDX-License-Identifier: Apache-2.0
// What a watched address makes of what it is told: who let go, what still blocks, and when to look again.
#include "core/watched_address.h"

#include <gtest/gtest.h>

#include "sequels.h"

namespace bindtrace {
namespace {

constexpr std::uint64_t kMs = 1'000'000;
constexpr Endings kAllTold{true, true, true};

WatchedAddress watched() {
  return WatchedAddress(nginx_restart());
}

HolderSocket connection() {
  HolderSocket socket = listener();
  socket.state = SocketState::kEstablished;
  socket.peer = Endpoint{Transport::kTcp, ipv4(10, 0, 0, 9), 51514};
  socket.inode = 9050;
  return socket;
}

TEST(WatchedAddress, IsHeldWhileItsHolderIsThere) {
  WatchedAddress watch = watched();
  EXPECT_FALSE(watch.note_look(answer({listener()}, kSecond)));
  EXPECT_TRUE(watch.note_look(answer({}, 2 * kSecond)));
}

TEST(WatchedAddress, IsFreeOfWhatSoReuseaddrPasses) {
  Incident incident = nginx_restart();
  EXPECT_FALSE(WatchedAddress(incident).note_look(answer({connection()}, kSecond)));
  incident.failure.request.options.reuseaddr = true;
  EXPECT_TRUE(WatchedAddress(incident).note_look(answer({connection()}, kSecond)));
  EXPECT_FALSE(WatchedAddress(incident).note_look(answer({listener()}, kSecond)));
}

TEST(WatchedAddress, IsFreeOfOtherAddressesAndOfTheVictimsOwnSocket) {
  HolderSocket elsewhere = listener();
  elsewhere.local.address = ipv6_any();
  elsewhere.options.v6only = true;
  elsewhere.overlaps = false;
  HolderSocket own = listener();
  own.inode = nginx_restart().failure.request.inode;
  EXPECT_TRUE(watched().note_look(answer({elsewhere, own}, kSecond)));
}

TEST(WatchedAddress, IsNotFreeWhereNotAllWasSeen) {
  WatchedAddress watch = watched();
  Failure cut = answer({}, kSecond);
  cut.sockets_cut = true;
  EXPECT_FALSE(watch.note_look(cut));
  Failure truncated = answer({}, kSecond);
  truncated.walk_truncated = true;
  EXPECT_FALSE(watch.note_look(truncated));
}

// What another process bound since is not what refused.
TEST(WatchedAddress, IsFreeOfTheOldHolderWhenAnotherHasItAlready) {
  WatchedAddress watch = watched();
  const Sighting other = sighting(SightingKind::kBound, kSecond, 900, "apache2");
  watch.note(other, process(900, "apache2", "/usr/sbin/apache2", kSecond));
  EXPECT_FALSE(watch.success);
  HolderSocket taken = listener();
  taken.inode = other.socket.inode;
  EXPECT_TRUE(watch.note_look(answer({taken}, 2 * kSecond)));
  EXPECT_FALSE(watch.note_look(answer({taken, listener()}, 2 * kSecond)));
}

TEST(WatchedAddress, IsHeldByTheOtherOnceThatHasRefusedToo) {
  WatchedAddress watch = watched();
  const Sighting other = sighting(SightingKind::kBound, kSecond, 900, "apache2");
  watch.note(other, process(900, "apache2", "/usr/sbin/apache2", kSecond));
  Incident again = nginx_restart();
  again.failure.head.key.ktime_ns += 2 * kSecond;
  watch.add_failure(again);
  HolderSocket taken = listener();
  taken.inode = other.socket.inode;
  EXPECT_FALSE(watch.note_look(answer({taken}, 3 * kSecond)));
}

TEST(WatchedAddress, NamesTheTaskThatFreedIt) {
  WatchedAddress watch = watched();
  Sighting freed = sighting(SightingKind::kFreed, kSecond, 811, "nginx");
  watch.note(freed, {});
  EXPECT_EQ(watch.released(kFailureTime + kSecond).how, LetGo::kClosed);
  EXPECT_EQ(watch.released(kFailureTime + kSecond).pid, 811U);
  freed.task.exiting = true;
  watch.note(freed, {});
  EXPECT_EQ(watch.released(kFailureTime + kSecond).how, LetGo::kExited);
}

TEST(WatchedAddress, NamesTheHolderThatExited) {
  WatchedAddress watch = watched();
  watch.note_exit(811, kFailureTime - 22UL * 60 * kSecond, kFailureTime + kSecond);
  const Released event = watch.released(kFailureTime + kSecond);
  EXPECT_EQ(event.how, LetGo::kExited);
  EXPECT_EQ(event.pid, 811U);
  EXPECT_EQ(event.comm, "nginx");
}

TEST(WatchedAddress, NamesNobodyForAnExitOfAnotherWithThatPid) {
  WatchedAddress watch = watched();
  watch.note_exit(811, kFailureTime - kSecond, kFailureTime + kSecond);
  EXPECT_EQ(watch.released(kFailureTime + kSecond).how, LetGo::kClosed);
}

TEST(WatchedAddress, DoesNotSayWhichOfSeveralHoldersLetGo) {
  Incident incident = nginx_restart();
  incident.holders.push_back(holder(listener(), process(812, "nginx", "/usr/sbin/nginx", kSecond)));
  WatchedAddress watch(incident);
  EXPECT_EQ(watch.released(kFailureTime + kSecond).how, LetGo::kUnknown);
  EXPECT_FALSE(watch.released(kFailureTime + kSecond).pid);
}

TEST(WatchedAddress, DoesNotNameAHolderWhereNoneWasFound) {
  WatchedAddress watch(bare_incident());
  EXPECT_EQ(watch.released(kFailureTime + kSecond).how, LetGo::kUnknown);
}

TEST(WatchedAddress, ForgetsAnEndingAfterWhichItWasStillHeld) {
  WatchedAddress watch = watched();
  watch.note(sighting(SightingKind::kFreed, kSecond, 900, "worker"), {});
  EXPECT_FALSE(watch.note_look(answer({listener()}, kSecond + 50 * kMs)));
  EXPECT_TRUE(watch.freed) << "it is told just before it happens";
  EXPECT_FALSE(watch.note_look(answer({listener()}, kSecond + 200 * kMs)));
  EXPECT_FALSE(watch.freed);
}

TEST(WatchedAddress, DoesNotTakeTheEndOfANewcomerForTheHolders) {
  WatchedAddress watch = watched();
  const Sighting other = sighting(SightingKind::kBound, kSecond, 900, "apache2");
  watch.note(other, process(900, "apache2", "/usr/sbin/apache2", kSecond));
  watch.note(sighting(SightingKind::kFreed, 2 * kSecond, 900, "apache2"), {});
  EXPECT_FALSE(watch.freed);
  watch.note(sighting(SightingKind::kFreed, 2 * kSecond, 811, "nginx"), {});
  EXPECT_TRUE(watch.freed);
}

TEST(WatchedAddress, SaysThatTimeWaitEndedAndLooksWhenItDoes) {
  WatchedAddress watch = watched();
  EXPECT_FALSE(watch.note_look(answer({time_wait(3000)}, kSecond)));
  EXPECT_EQ(watch.next_look_after(kFailureTime + kSecond, kAllTold), kFailureTime + kSecond + 3001 * kMs);
  EXPECT_TRUE(watch.note_look(answer({}, 5 * kSecond)));
  EXPECT_EQ(watch.released(kFailureTime + 5 * kSecond).how, LetGo::kTimeWaitEnded);
}

TEST(WatchedAddress, SaysThatAConnectionWithoutAProcessEnded) {
  WatchedAddress watch = watched();
  HolderSocket orphan = connection();
  orphan.inode.reset();
  orphan.orphan = true;
  EXPECT_FALSE(watch.note_look(answer({orphan}, kSecond)));
  EXPECT_EQ(watch.released(kFailureTime + 5 * kSecond).how, LetGo::kConnectionEnded);
}

TEST(WatchedAddress, IsLookedAtSeldomWhereItsEndingIsTold) {
  WatchedAddress watch = watched();
  watch.note_look(answer({listener()}, kMs));
  const std::uint64_t now = kFailureTime + kMs;
  EXPECT_EQ(watch.next_look_after(now, kAllTold), now + kSecond);
  EXPECT_EQ(watch.next_look_after(now, {}), now + 10 * kMs);
  const std::uint64_t hour_later = now + 3600 * kSecond;
  EXPECT_EQ(watch.next_look_after(hour_later, kAllTold), hour_later + 60 * kSecond);
  EXPECT_EQ(watch.next_look_after(hour_later, {}), hour_later + kSecond);
}

TEST(WatchedAddress, IsLookedAtOftenWhereOnlyConnectionsAreLeft) {
  WatchedAddress watch = watched();
  watch.note_look(answer({connection()}, kMs));
  EXPECT_EQ(watch.next_look_after(kFailureTime + kMs, kAllTold), kFailureTime + 11 * kMs);
}

TEST(WatchedAddress, SeesABindOfAnOverlappingAddressInItsNamespace) {
  const WatchedAddress watch = watched();
  Sighting seen = sighting(SightingKind::kBound, kSecond, 900, "nginx");
  EXPECT_TRUE(watch.overlaps(seen));
  seen.socket.local.address = ipv4(127, 0, 0, 1);
  EXPECT_TRUE(watch.overlaps(seen));
  seen.socket.local.transport = Transport::kMptcp;
  EXPECT_TRUE(watch.overlaps(seen));
  seen.socket.local.transport = Transport::kUdp;
  EXPECT_FALSE(watch.overlaps(seen));
  seen.socket.local.transport = Transport::kTcp;
  seen.netns++;
  EXPECT_FALSE(watch.overlaps(seen));
}

TEST(WatchedAddress, TakesAListenForWhatALonelyBindIsNot) {
  Incident incident = nginx_restart();
  incident.failure.request.operation = Operation::kListen;
  WatchedAddress watch(incident);
  Sighting seen = sighting(SightingKind::kBound, kSecond, 1234, "nginx");
  watch.note(seen, incident.victim);
  EXPECT_FALSE(watch.success);
  seen.socket.state = SocketState::kListen;
  watch.note(seen, incident.victim);
  EXPECT_TRUE(watch.success);
}

}  // namespace
}  // namespace bindtrace
