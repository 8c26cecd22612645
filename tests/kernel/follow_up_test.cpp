// SPDX-License-Identifier: Apache-2.0
// What follows a conflict: when the address became free and who let go, and when the victim got it.
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <string>

#include <unistd.h>

#include "local_sockets.h"
#include "retrier.h"
#include "tier_test.h"

namespace bindtrace {
namespace {

constexpr double kTolerance = 0.02;       // of a reported time, in seconds
constexpr double kEmulatedPolling = 0.1;  // a look takes milliseconds there, and may be a hundredth of the time
constexpr double kTimeWaitTolerance = 1;
constexpr double kTimeWaitSeconds = 60;  // TCP_TIMEWAIT_LEN of the kernel

Fd bound_only(const Endpoint& endpoint) {
  Fd socket = make_socket({Transport::kTcp, endpoint, {}});
  bind_socket(socket.get(), endpoint);
  return socket;
}

class FollowUp : public SharedTracerTest {
 protected:
  // What the records say the address is.
  struct Address {
    nlohmann::json address;
    nlohmann::json port;
  };
  // The tracers of all tiers run at once, and see all tests.
  [[nodiscard]] std::uint16_t port(int port) const {
    return static_cast<std::uint16_t>(port + (tier() == "fexit" ? 100 : tier() == "kprobe" ? 200 : 300));
  }
  [[nodiscard]] std::string name(const std::string& name) const { return name + '-' + tier(); }
  static Address of(const Endpoint& endpoint) { return {endpoint.address, endpoint.port}; }
  static Address of(const std::string& path) { return {path, nullptr}; }

  [[nodiscard]] Retrier retry(const Request& request, const std::string& comm = "bt-victim") const {
    return Retrier(
        netns(), [&] { return bind_and_tell(make_socket(request), request.endpoint); }, comm);
  }

  static void expect_time(const Record& record, const Span& truth, double tolerance = kTolerance) {
    const int64_t slack = std::chrono::nanoseconds(time_limit(tolerance)).count();
    const int64_t reported = time_ns(record.at("timestamp"));
    EXPECT_GE(reported, truth.before_ns - slack) << record.text();
    EXPECT_LE(reported, truth.after_ns + slack) << (reported - truth.after_ns) / 1000 << " us late: " << record.text();
  }

  Record expect_released(const Address& address, const Tried& first, const Span& truth, int failures,
                         double tolerance = kTolerance, double wait = 10) {
    Record released = tracer().sequel("bindtrace.conflict.released", address.address, address.port, wait);
    expect_time(released, truth, tolerance);
    expect_origin(released, first);
    EXPECT_EQ(released.at("bindtrace.episode.attempt"), failures) << released.text();
    const double slack_ms = static_cast<double>(time_limit(tolerance).count()) + 1;  // it is cut to whole ones
    const auto after_ms = released.at("bindtrace.released_after_ms").get<double>();
    EXPECT_GE(after_ms, static_cast<double>(truth.before_ns - first.after_ns) / 1e6 - slack_ms) << released.text();
    EXPECT_LE(after_ms, static_cast<double>(truth.after_ns - first.before_ns) / 1e6 + slack_ms) << released.text();
    return released;
  }

  void expect_bound(const Address& address, const Tried& first, const Tried& got, int attempt) {
    const Record bound = tracer().sequel("bindtrace.conflict.bound", address.address, address.port);
    expect_time(bound, span_of(got));
    expect_origin(bound, first);
    EXPECT_EQ(bound.at("process.pid"), got.pid) << bound.text();
    EXPECT_EQ(bound.at("process.executable.name"), "bt-victim") << bound.text();
    EXPECT_EQ(bound.at("bindtrace.episode.attempt"), attempt) << bound.text();
  }

  void expect_origin(const Record& record, const Tried& first) const {
    EXPECT_EQ(record.at("bindtrace.netns"), netns().inode()) << record.text();
    EXPECT_EQ(record.at("bindtrace.tier"), tier()) << record.text();
    const int64_t slack = std::chrono::nanoseconds(time_limit(kTolerance)).count();
    const int64_t first_seen = time_ns(record.at("bindtrace.episode.first_seen"));
    EXPECT_GE(first_seen, first.before_ns - slack) << record.text();
    EXPECT_LE(first_seen, first.after_ns + slack) << record.text();
  }

  static void expect_who(const Record& released, pid_t pid, const std::string& how) {
    EXPECT_EQ(released.at("bindtrace.released_by.pid"), pid) << released.text();
    EXPECT_EQ(released.at("bindtrace.released_by.comm"), "bt-holder") << released.text();
    EXPECT_EQ(released.at("bindtrace.released_by.how"), how) << released.text();
  }

  // Nothing tells the tracepoint tier of the end of udp sockets: it looks.
  void allow_for_polling() {
    if (tier() == "tracepoint" && time_limit(1) > std::chrono::seconds(1)) {
      tolerance_ = kEmulatedPolling;
    }
  }

  // Two failures; the holder lets go; the third attempt succeeds.
  void expect_story(const Address& address, Retrier& victim, const std::function<Span()>& let_go, pid_t holder,
                    const std::string& how) {
    EXPECT_EQ(victim.again().error, EADDRINUSE);
    tracer().wait_for_conflicts(victim.pid(), 2);
    const Span truth = let_go();
    const Record released = expect_released(address, victim.first(), truth, 2, tolerance_);
    expect_who(released, holder, how);
    const Tried got = victim.again();
    EXPECT_EQ(got.error, 0);
    expect_bound(address, victim.first(), got, 3);
  }

 private:
  double tolerance_ = kTolerance;
};

TEST_P(FollowUp, AListenerThatCloses) {
  const Request request{Transport::kTcp, {"127.0.0.1", port(7001)}, {}};
  Closer holder = close_later(netns(), [&] { return serve(request); });
  Retrier victim = retry(request);
  expect_story(
      of(request.endpoint), victim, [&] { return holder.close(); }, holder.held.pid, "closed");
}

TEST_P(FollowUp, AnIpv6ListenerThatCloses) {
  Closer holder = close_later(netns(), [&] { return serve({Transport::kTcp, {"::", port(7002)}, {}}); });
  const Request request{Transport::kTcp, {"0.0.0.0", port(7002)}, {}};
  Retrier victim = retry(request);
  expect_story(
      of(request.endpoint), victim, [&] { return holder.close(); }, holder.held.pid, "closed");
}

TEST_P(FollowUp, ASocketThatIsOnlyBound) {
  const Request request{Transport::kTcp, {"127.0.0.1", port(7003)}, {}};
  Closer holder = close_later(netns(), [&] { return bound_only(request.endpoint); });
  Retrier victim = retry(request);
  expect_story(
      of(request.endpoint), victim, [&] { return holder.close(); }, holder.held.pid, "closed");
}

TEST_P(FollowUp, AUdpSocket) {
  allow_for_polling();
  const Request request{Transport::kUdp, {"127.0.0.1", port(7004)}, {}};
  Closer holder = close_later(netns(), [&] { return serve(request); });
  Retrier victim = retry(request);
  expect_story(
      of(request.endpoint), victim, [&] { return holder.close(); }, holder.held.pid, "closed");
}

TEST_P(FollowUp, AHolderThatIsKilled) {
  const Request request{Transport::kTcp, {"127.0.0.1", port(7005)}, {}};
  Holder holder = hold(netns(), request);
  Retrier victim = retry(request);
  expect_story(
      of(request.endpoint), victim, [&] { return kill_and_wait(holder.child); }, holder.held.pid, "exited");
}

TEST_P(FollowUp, AUdpHolderThatIsKilled) {
  allow_for_polling();
  const Request request{Transport::kUdp, {"::1", port(7006)}, {}};
  Holder holder = hold(netns(), request);
  Retrier victim = retry(request);
  expect_story(
      of(request.endpoint), victim, [&] { return kill_and_wait(holder.child); }, holder.held.pid, "exited");
}

TEST_P(FollowUp, ASuccessorOfTheVictim) {
  const Request request{Transport::kTcp, {"127.0.0.1", port(7007)}, {}};
  Closer holder = close_later(netns(), [&] { return serve(request); });
  const Tried first = fail_to_bind(netns(), request).tried;
  tracer().conflict_of(first.pid);
  const Span truth = holder.close();
  expect_who(expect_released(of(request.endpoint), first, truth, 1), holder.held.pid, "closed");
  Retrier successor = retry(request);
  EXPECT_NE(successor.pid(), first.pid);
  expect_bound(of(request.endpoint), first, successor.first(), 2);
}

TEST_P(FollowUp, AnotherProcessThatIsFasterIsNotTheVictim) {
  const Request request{Transport::kTcp, {"127.0.0.1", port(7008)}, {}};
  Closer holder = close_later(netns(), [&] { return serve(request); });
  Retrier victim = retry(request);
  tracer().conflict_of(victim.pid());
  const Span truth = holder.close();
  expect_released(of(request.endpoint), victim.first(), truth, 1);
  std::optional<Holder> other(hold(netns(), request, "bt-other"));
  EXPECT_EQ(victim.again().error, EADDRINUSE);
  tracer().wait_for_conflicts(victim.pid(), 2);
  other.reset();
  const Tried got = victim.again();
  EXPECT_EQ(got.error, 0);
  expect_bound(of(request.endpoint), victim.first(), got, 3);
}

TEST_P(FollowUp, AVictimThatTriesAgainAtOnce) {
  const Request request{Transport::kTcp, {"127.0.0.1", port(7009)}, {}};
  Closer holder = close_later(netns(), [&] { return serve(request); });
  Retrier victim = retry(request);
  holder.close();
  const Tried got = victim.again();
  EXPECT_EQ(got.error, 0);
  expect_bound(of(request.endpoint), victim.first(), got, 2);
}

// The victim has SO_REUSEADDR, and so have they.
TEST_P(FollowUp, ConnectionsThatDoNotBlockAreNotWaitedFor) {
  const Request request{Transport::kTcp, {"127.0.0.1", port(7010)}, {.reuseaddr = true}};
  Child holder(netns(), "bt-holder", [&](const Line& line) {
    const Fd listener = serve(request);
    line.tell(held_by_me(listener));
    const Fd connection = accept_from(listener.get());
    line.tell(held_by_me(connection));
    line.wait_for_release();
  });
  const auto held = holder.hear<Held>();
  const Child client(netns(), "bt-client", [&](const Line& line) {
    const Fd connection = connect_to(request.endpoint);
    line.wait_for_release();
  });
  holder.hear<Held>();
  Retrier victim = retry(request);
  expect_story(
      of(request.endpoint), victim, [&] { return kill_and_wait(holder); }, held.pid, "exited");
}

TEST_P(FollowUp, AUnixPathThatIsRemoved) {
  const std::string path = name("/tmp/bt-follow-" + std::to_string(getpid()));
  const Holder holder = hold(netns(), unix_path(path));
  Retrier victim(netns(), [&] { return bind_and_tell(unix_path(path)); });
  EXPECT_EQ(victim.first().error, EADDRINUSE);
  tracer().conflict_of(victim.pid());
  const Span truth = span_of([&] { std::filesystem::remove(path); });
  const Record released = expect_released(of(path), victim.first(), truth, 1);
  EXPECT_TRUE(released.at("bindtrace.released_by.pid").is_null()) << released.text();
  EXPECT_EQ(released.at("bindtrace.released_by.how"), "file_removed") << released.text();
  const Tried got = victim.again();
  std::filesystem::remove(path);
  EXPECT_EQ(got.error, 0);
  expect_bound(of(path), victim.first(), got, 2);
}

// Nothing tells the tracepoint tier of the end of such a socket: it says nothing of that.
TEST_P(FollowUp, AnAbstractName) {
  const LocalEndpoint endpoint = unix_name(name("bt-followed"));
  Holder holder = hold(netns(), endpoint);
  Retrier victim(netns(), [&] { return bind_and_tell(endpoint); });
  EXPECT_EQ(victim.first().error, EADDRINUSE);
  tracer().conflict_of(victim.pid());
  usleep(static_cast<useconds_t>(time_limit(0.1).count()) * 1000);  // until the hook is there: nothing else tells
  const Span truth = kill_and_wait(holder.child);
  if (tier() != "tracepoint") {
    expect_who(expect_released(of(name("@bt-followed")), victim.first(), truth, 1), holder.held.pid, "exited");
  }
  const Tried got = victim.again();
  EXPECT_EQ(got.error, 0);
  expect_bound(of(name("@bt-followed")), victim.first(), got, 2);
}

// SO_REUSEADDR lets both bind the port, but only one listen.
TEST_P(FollowUp, AListenThatSucceedsInTheEnd) {
  const Request request{Transport::kTcp, {"127.0.0.1", port(7011)}, {.reuseaddr = true}};
  Fd socket;
  Retrier victim(netns(), [&] {
    if (!socket.open()) {
      socket = make_socket(request);
      return bind_and_tell(socket, request.endpoint);
    }
    return listen_and_tell(socket);
  });
  ASSERT_EQ(victim.first().error, 0);
  Holder holder = hold(netns(), request);
  const Tried refused = victim.again();
  ASSERT_EQ(refused.error, EADDRINUSE);
  tracer().conflict_of(refused.pid);
  const Span truth = kill_and_wait(holder.child);
  expect_who(expect_released(of(request.endpoint), refused, truth, 1), holder.held.pid, "exited");
  const Tried got = victim.again();
  EXPECT_EQ(got.error, 0);
  expect_bound(of(request.endpoint), refused, got, 2);
}

BINDTRACE_ON_EVERY_TIER(FollowUp);

class FollowUpOfTimeWait : public FollowUp {
 protected:
  // The tracer must not wait for us, whatever else fails on this machine.
  void wait(double seconds) const {
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    while (std::chrono::steady_clock::now() < end) {
      usleep(20'000);
      tracer().drain();
    }
  }
};

TEST_P(FollowUpOfTimeWait, ItsEndIsTold) {
  const Request request{Transport::kTcp, {"127.0.0.1", port(7012)}, {}};
  Child server(netns(), "bt-holder", [&](const Line& line) {
    Fd listener = serve(request);
    Fd client = connect_to(request.endpoint);
    Fd connection = accept_from(listener.get());
    listener.close();
    line.tell(span_of([&] {
      connection.close();  // first, so that the wait is on the server's port
      client.close();
    }));
    line.wait_for_release();
  });
  auto truth = server.hear<Span>();
  Retrier victim = retry(request);
  EXPECT_EQ(victim.first().error, EADDRINUSE);
  // Its timer is coarse: the port is free when a bind succeeds.
  wait(kTimeWaitSeconds - 1);
  int failures = 1;
  Tried got = victim.again();
  for (; got.error == EADDRINUSE; got = victim.again()) {
    failures++;
    truth.before_ns = got.before_ns;
    wait(0.1);
  }
  truth.after_ns = got.after_ns;
  ASSERT_EQ(got.error, 0);
  const Record released =
      expect_released(of(request.endpoint), victim.first(), truth, failures, kTimeWaitTolerance, kTimeWaitSeconds);
  EXPECT_TRUE(released.at("bindtrace.released_by.pid").is_null()) << released.text();
  EXPECT_EQ(released.at("bindtrace.released_by.how"), "time_wait_ended") << released.text();
  expect_bound(of(request.endpoint), victim.first(), got, failures + 1);
}

BINDTRACE_ON_ONE_TIER_UNLESS_SHORT(FollowUpOfTimeWait);

class IdleFollowUp : public TierTest {};

long voluntary_switches(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string name; status >> name; status.ignore(256, '\n')) {
    if (name == "voluntary_ctxt_switches:") {
      long count = -1;
      status >> count;
      return count;
    }
  }
  return -1;
}

// The hooks stay for five seconds after the release.
TEST_P(IdleFollowUp, NothingWakesTheTracerWhenTheStoryIsOver) {
  Tracer tracer(tier());
  const Request request{Transport::kTcp, {"127.0.0.1", 7013}, {}};
  Closer holder = close_later(netns(), [&] { return serve(request); });
  Retrier victim(netns(), [&] { return bind_and_tell(make_socket(request), request.endpoint); });
  tracer.conflict_of(victim.pid());
  holder.close();
  EXPECT_EQ(victim.again().error, 0);
  tracer.sequel("bindtrace.conflict.bound", request.endpoint.address, request.endpoint.port);
  sleep(6);  // NOLINT(concurrency-mt-unsafe): one thread
  // Elsewhere on this machine others may fail to bind, and be followed: then three more seconds are awaited.
  for (int window = 0; window < 20; ++window) {
    tracer.drain();
    const long before = voluntary_switches(tracer.pid());
    ASSERT_GE(before, 0);
    sleep(3);  // NOLINT(concurrency-mt-unsafe): one thread
    if (voluntary_switches(tracer.pid()) == before) {
      return;
    }
  }
  FAIL() << "something woke it in each three seconds of a minute";
}

BINDTRACE_ON_ONE_TIER_UNLESS_SHORT(IdleFollowUp);

}  // namespace
}  // namespace bindtrace
