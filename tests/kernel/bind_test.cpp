// SPDX-License-Identifier: Apache-2.0
// A bind that another process's socket blocks: who asked, for what, and who had it.
#include <thread>

#include <unistd.h>

#include "tier_test.h"

namespace bindtrace {
namespace {

constexpr uid_t kSomeUser = 12345;
constexpr int64_t kSecondNs = 1'000'000'000;

class Bind : public SharedTracerTest {
 protected:
  void expect_plain_conflict(const std::string& transport, const Request& request) {
    const Holder holder = hold(netns(), request);
    const Victim victim = fail_to_bind(netns(), request);

    const Record record = only_conflict_of(victim);

    expect_call(record, "bind", "syscall");
    EXPECT_EQ(record.at("bindtrace.address_source"), address_is_the_kernels() ? "kernel" : "user") << record.text();
    expect_endpoint(record, transport, request.endpoint);
    expect_victim(record, victim, "bt-victim");
    expect_holder(record, holder.held, "bt-holder");
    EXPECT_EQ(record.holders().size(), 1U) << record.text();
    const Record held = record.holder();
    EXPECT_EQ(held.at("socket.state"), request.transport == Transport::kTcp ? "LISTEN" : "CLOSE") << record.text();
    EXPECT_EQ(held.at("socket.address"), request.endpoint.address) << record.text();
    EXPECT_EQ(held.at("socket.port"), request.endpoint.port) << record.text();
    EXPECT_EQ(held.at("user_id"), 0) << record.text();
  }
};

TEST_P(Bind, ATcpPortOnIpv4NamesVictimAddressAndHolder) {
  expect_plain_conflict("tcp", {Transport::kTcp, {"127.0.0.1", 1201}, {}});
}

TEST_P(Bind, ATcpPortOnIpv6NamesVictimAddressAndHolder) {
  expect_plain_conflict("tcp", {Transport::kTcp, {"::1", 1202}, {}});
}

TEST_P(Bind, AUdpPortOnIpv4NamesVictimAddressAndHolder) {
  expect_plain_conflict("udp", {Transport::kUdp, {"127.0.0.1", 1203}, {}});
}

TEST_P(Bind, AUdpPortOnIpv6NamesVictimAddressAndHolder) {
  expect_plain_conflict("udp", {Transport::kUdp, {"::1", 1204}, {}});
}

TEST_P(Bind, ASocketWithoutOptionsIsReportedWithoutThem) {
  const Request request{Transport::kTcp, {"127.0.0.1", 1205}, {}};
  const Holder holder = hold(netns(), request);

  const Record record = only_conflict_of(fail_to_bind(netns(), request));

  EXPECT_EQ(record.at("bindtrace.socket.reuseaddr"), false) << record.text();
  EXPECT_EQ(record.at("bindtrace.socket.reuseport"), false) << record.text();
  EXPECT_EQ(record.holder().at("socket.reuseaddr"), false) << record.text();
  EXPECT_EQ(record.holder().at("socket.reuseport"), false) << record.text();
}

TEST_P(Bind, TheVictimsOptionsAreNotTheHolders) {
  const Endpoint endpoint{"::", 1206};
  const Holder holder = hold(netns(), {Transport::kTcp, endpoint, {}});

  const Record record = only_conflict_of(
      fail_to_bind(netns(), {Transport::kTcp, endpoint, {.reuseaddr = true, .reuseport = true, .v6only = true}}));

  EXPECT_EQ(record.at("bindtrace.socket.reuseaddr"), true) << record.text();
  EXPECT_EQ(record.at("bindtrace.socket.reuseport"), true) << record.text();
  EXPECT_EQ(record.at("bindtrace.socket.v6only"), true) << record.text();
  EXPECT_EQ(record.holder().at("socket.reuseaddr"), false) << record.text();
  EXPECT_EQ(record.holder().at("socket.reuseport"), false) << record.text();
  EXPECT_EQ(record.holder().at("socket.v6only"), false) << record.text();
}

TEST_P(Bind, TheHoldersOptionsAreNotTheVictims) {
  const Endpoint endpoint{"::", 1207};
  const Holder holder =
      hold(netns(), {Transport::kTcp, endpoint, {.reuseaddr = true, .reuseport = true, .v6only = true}});

  const Record record = only_conflict_of(fail_to_bind(netns(), {Transport::kTcp, endpoint, {.v6only = false}}));

  EXPECT_EQ(record.at("bindtrace.socket.reuseaddr"), false) << record.text();
  EXPECT_EQ(record.at("bindtrace.socket.reuseport"), false) << record.text();
  EXPECT_EQ(record.at("bindtrace.socket.v6only"), false) << record.text();
  EXPECT_EQ(record.holder().at("socket.reuseaddr"), true) << record.text();
  EXPECT_EQ(record.holder().at("socket.reuseport"), true) << record.text();
  EXPECT_EQ(record.holder().at("socket.v6only"), true) << record.text();
}

// The kernel sets the bit itself while it tries such an address: seen inside the call it tells nothing of the victim.
TEST_P(Bind, TheV6OnlyThatTheKernelSetsForASpecificAddressIsNotAnOptionOfTheVictims) {
  const Request request{Transport::kTcp, {"::1", 1213}, {}};
  const Holder holder = hold(netns(), request);

  const Record record = only_conflict_of(fail_to_bind(netns(), request));

  if (record.at("bindtrace.address_source") == "kernel") {
    EXPECT_TRUE(record.at("bindtrace.socket.v6only").is_null()) << record.text();
  } else {
    EXPECT_EQ(record.at("bindtrace.socket.v6only"), false) << record.text();
  }
}

TEST_P(Bind, AQuickBurstIsReportedWithoutAnotherFailureToFollow) {
  constexpr int kBurst = 5;
  const Request request{Transport::kTcp, {"127.0.0.1", 1214}, {}};
  const Holder holder = hold(netns(), request);
  const Victim victim = fail_in(netns(), "bt-victim", [&](const Line& line) {
    const Fd socket = make_socket(request);
    Tried tried{};
    for (int i = 0; i < kBurst; i++) {
      tried = bind_and_tell(socket, request.endpoint);
    }
    line.tell(tried);
    line.wait_for_release();
  });

  tracer().wait_for_conflicts(victim.tried.pid, kBurst);
  settle(tracer());

  EXPECT_EQ(tracer().conflicts_of(victim.tried.pid).size(), kBurst);
}

TEST_P(Bind, TheUserIsTheVictims) {
  const Request request{Transport::kTcp, {"127.0.0.1", 1208}, {}};
  const Holder holder = hold(netns(), request);
  const Victim victim = fail_in(netns(), "bt-victim", [&](const Line& line) {
    must(setgid(kSomeUser) == 0 && setuid(kSomeUser) == 0, "setuid");
    const Fd socket = make_socket(request);
    line.tell(bind_and_tell(socket, request.endpoint));
    line.wait_for_release();
  });

  const Record record = only_conflict_of(victim);

  EXPECT_EQ(victim.tried.uid, kSomeUser);
  expect_victim(record, victim, "bt-victim");
  EXPECT_EQ(record.holder().at("user_id"), 0) << record.text();
}

TEST_P(Bind, AThreadThatIsNotTheLeaderIsNamedByItsOwnId) {
  const Request request{Transport::kTcp, {"127.0.0.1", 1209}, {}};
  const Holder holder = hold(netns(), request);
  const Victim victim = fail_in(netns(), "bt-victim", [&](const Line& line) {
    const Fd socket = make_socket(request);
    std::thread([&] { line.tell(bind_and_tell(socket, request.endpoint)); }).join();
    line.wait_for_release();
  });

  const Record record = only_conflict_of(victim);

  EXPECT_NE(victim.tried.tid, victim.tried.pid);
  expect_victim(record, victim, "bt-victim");
  expect_holder(record, holder.held, "bt-holder");
}

TEST_P(Bind, TheTimeIsThatOfTheFailure) {
  const Request request{Transport::kTcp, {"127.0.0.1", 1210}, {}};
  const Holder holder = hold(netns(), request);
  const Victim victim = fail_to_bind(netns(), request);

  const Record record = only_conflict_of(victim);

  const int64_t slack = kSecondNs / 50;  // of the conversion between the kernel's clocks
  const int64_t failed = time_ns(record.at("timestamp"));
  EXPECT_GE(failed, victim.tried.before_ns - slack) << record.text();
  EXPECT_LE(failed, victim.tried.after_ns + slack) << record.text();
  EXPECT_GE(time_ns(record.at("observed_timestamp")), failed - slack) << record.text();
}

TEST_P(Bind, ProcessesThatLiveAreDescribed) {
  const Request request{Transport::kTcp, {"127.0.0.1", 1211}, {}};
  const Holder holder = hold(netns(), request);
  const Victim victim = fail_to_bind(netns(), request);

  const Record record = only_conflict_of(victim);

  EXPECT_EQ(record.at("process.executable.path"), own_executable()) << record.text();
  EXPECT_EQ(record.holder().at("executable"), own_executable()) << record.text();
  const int64_t created = time_ns(record.at("process.creation.time"));
  EXPECT_GT(created, victim.tried.before_ns - 60 * kSecondNs) << record.text();
  EXPECT_LT(created, victim.tried.before_ns + kSecondNs / 50) << record.text();
  EXPECT_GT(time_ns(record.holder().at("start_time")), victim.tried.before_ns - 60 * kSecondNs) << record.text();
}

TEST_P(Bind, EveryRecordHasWhatTheContractPromises) {
  const Request request{Transport::kTcp, {"127.0.0.1", 1212}, {}};
  const Holder holder = hold(netns(), request);

  const Record record = only_conflict_of(fail_to_bind(netns(), request));

  for (const char* path : {"schema_version",
                           "event.name",
                           "event.id",
                           "timestamp",
                           "observed_timestamp",
                           "severity",
                           "message",
                           "error.type",
                           "network.transport",
                           "network.type",
                           "network.local.address",
                           "network.local.port",
                           "process.pid",
                           "process.thread.id",
                           "process.executable.name",
                           "process.parent_pid",
                           "process.user.id",
                           "bindtrace.operation",
                           "bindtrace.tier",
                           "bindtrace.address_source",
                           "bindtrace.socket.reuseaddr",
                           "bindtrace.socket.reuseport",
                           "bindtrace.socket.inode",
                           "bindtrace.netns",
                           "bindtrace.cause",
                           "bindtrace.certainty",
                           "bindtrace.evidence",
                           "bindtrace.advice",
                           "bindtrace.holder_status",
                           "bindtrace.holders",
                           "bindtrace.sockets_on_port"}) {
    EXPECT_FALSE(record.at(path).is_null()) << path << " is missing in " << record.text();
  }
  for (const char* path :
       {"process.executable.path", "process.command_line", "process.creation.time", "process.linux.cgroup",
        "process.vpid", "container.id", "bindtrace.unit", "bindtrace.socket.v6only", "bindtrace.socket.device",
        "bindtrace.holder_reason", "bindtrace.entry"}) {
    EXPECT_TRUE(record.has(path)) << path << " is missing in " << record.text();
  }
  EXPECT_TRUE(record.at("process.command_line").is_null()) << "argv is only for --args";
}

BINDTRACE_ON_EVERY_TIER(Bind);

}  // namespace
}  // namespace bindtrace
