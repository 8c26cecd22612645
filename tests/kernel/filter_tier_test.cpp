// SPDX-License-Identifier: Apache-2.0
// What a filter reads of a request and of its victim differs by tier: ports, MPTCP, and all filters at once.
#include <cerrno>
#include <csignal>
#include <initializer_list>
#include <string>
#include <vector>

#include "features.h"
#include "filter_scenario.h"
#include "local_sockets.h"

namespace bindtrace {
namespace {

// What a hook knows of a request differs by tier.
class PortFilter : public FilterTest {};

// One tracer for all of it: a start is dear.
TEST_P(PortFilter, TakesThePortThatWasAskedForHoweverThatWasDone) {
  Tracer own(tier(), here({"-P", "8080,9000-9010"}));
  std::vector<pid_t> shown;
  std::vector<pid_t> hidden;
  const auto note = [&](uint16_t port, const Victim& victim) {
    const bool wanted = port == 8080 || (port >= 9000 && port <= 9010);
    (wanted ? shown : hidden).push_back(victim.tried.pid);
  };
  // bindsnoop -P 8080 loses the second socket of a process that has the port itself: the kernel has reset the port when
  // it looks.
  for (const uint16_t port : std::initializer_list<uint16_t>{8081, 8080}) {
    note(port, fail_in(netns(), "bt-victim", [port](const Line& line) {
           const Fd first = make_socket(tcp_at(port));
           bind_socket(first.get(), tcp_at(port).endpoint);
           const Fd second = make_socket(tcp_at(port));
           line.tell(bind_and_tell(second, tcp_at(port).endpoint));
           line.wait_for_release();
         }));
  }
  const pid_t of_bindsnoop = shown.back();
  for (const uint16_t port : std::initializer_list<uint16_t>{8079, 8080, 8081, 8999, 9000, 9010, 9011}) {
    const Request request{Transport::kUdp, {"::1", port}, {}};
    const Holder holder = hold(netns(), request);
    note(port, fail_to_bind(netns(), request));
  }
  const ListenConflict other_listen = fail_to_listen(netns(), tcp_at(8998));
  note(8998, other_listen.victim);
  const ListenConflict listen = fail_to_listen(netns(), tcp_at(9001));
  note(9001, listen.victim);
  const pid_t of_listen = shown.back();
  const Holder name = hold(netns(), unix_name("bt-filter"));
  const Victim without_port = fail_to_bind(netns(), unix_name("bt-filter"));
  hidden.push_back(without_port.tried.pid);

  expect_shown(own, shown, hidden);
  EXPECT_EQ(own.conflicts_of(of_bindsnoop).front().at("network.local.port"), 8080);
  EXPECT_EQ(own.conflicts_of(of_listen).front().at("bindtrace.operation"), "listen");
}

// A call passes several hooks, and where programs are preempted each has several programs.
TEST_P(PortFilter, CountsEachFailureThatItLeavesOutOnce) {
  constexpr int kFailures = 400;
  Tracer all(tier());  // without a filter it sees what others on this machine do meanwhile, and the same failures
  Tracer own(tier(), {"-P", "1", "--netns", "1"});
  const Holder holder = hold(netns(), tcp_at(9103));
  fail_in(netns(), "bt-victim", [&](const Line& line) {
    const Fd socket = make_socket(tcp_at(9103));
    Tried tried{};
    for (int i = 0; i < kFailures; i++) {
      tried = bind_and_tell(socket, tcp_at(9103).endpoint);
    }
    line.tell(tried);
    line.wait_for_release();
  });
  own.stop(SIGINT);
  all.stop(SIGINT);

  const auto seen = accounts_of(all.last_record());
  ASSERT_TRUE(seen);
  const int64_t filtered = own.last_record().at("bindtrace.stats.filtered");
  EXPECT_EQ(accounts_of(own.last_record())->attempted, 0);
  EXPECT_GE(filtered, kFailures);
  EXPECT_LE(filtered, seen->attempted + kFailures / 4) << "other tracers' self-checks are not so many";
}

BINDTRACE_ON_EVERY_TIER_UNLESS_SHORT(PortFilter);

class MptcpFilter : public FilterTest {};

TEST_P(MptcpFilter, KnowsMptcpFromItsTcpSubflow) {
  const Request mptcp{Transport::kMptcp, {"127.0.0.1", 9104}, {}};
  Tracer own(tier(), here({"--proto", "mptcp"}));
  const Holder holder = hold(netns(), mptcp);
  const Victim hidden = fail_to_bind(netns(), tcp_at(9104));
  const Victim shown = fail_to_bind(netns(), mptcp);

  expect_shown(own, shown, hidden);
}

BINDTRACE_ON_EVERY_TIER_UNLESS_SHORT_WITH("mptcp", MptcpFilter);

// Every place of every filter taken: what costs the verifier most.
class AllFilters : public FilterTest {
 protected:
  // "FIRST,FIRST+1,...": so many.
  static std::string numbers(pid_t first, int count) {
    std::string text = std::to_string(first);
    for (int i = 1; i < count; i++) {
      text += "," + std::to_string(first + i);
    }
    return text;
  }

  [[nodiscard]] Options filters(pid_t pid) const {
    Options options{"-p",      numbers(pid, 16),
                    "-u",      "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15",
                    "-P",      "1-2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,9105",
                    "--proto", "tcp,udp,udplite,icmp,mptcp,sctp,unix,netlink,vsock",
                    "-4"};
    const auto add = [&](const std::string& option, const std::string& value) {
      options.push_back(option);
      options.push_back(value);
    };
    for (int i = 1; i < 8; i++) {
      add("--comm", "bt-other-" + std::to_string(i));
      add("--netns", std::to_string(i));
      add("--unit", "bt-other-" + std::to_string(i));
      add("--cgroup", i == 1 ? "/1/2/3/4/5/6/7/8" : i == 2 ? "/1/2/3/4/5/6/7" : "bt-other-" + std::to_string(i));
    }
    add("--comm", "bt-victim");
    add("--netns", std::to_string(netns().inode()));
    add("--unit", "bt-web");
    add("--cgroup", "/bt-all.slice/bt-web.service");
    return options;
  }
};

TEST_P(AllFilters, AtOnceAreLoadedAndHold) {
  const Holder holder = hold(netns(), tcp_at(9105));
  const Cgroup cgroup("bt-all.slice/bt-web.service");
  Child child(netns(), "bt-victim", [&](const Line& line) {
    line.wait_for_release();
    const Fd socket = make_socket(tcp_at(9105));
    line.tell(bind_and_tell(socket, tcp_at(9105).endpoint));
    line.wait_for_release();
    cgroup.enter();
    line.tell(bind_and_tell(socket, tcp_at(9105).endpoint));
    line.wait_for_release();
  });
  Tracer own(tier(), filters(child.pid()));
  child.release();
  ASSERT_EQ(child.hear<Tried>().error, EADDRINUSE);
  child.release();
  ASSERT_EQ(child.hear<Tried>().error, EADDRINUSE);
  const pid_t pid = child.pid();
  child.release();
  child.join();

  expect_shown(own, {pid}, {});
  EXPECT_EQ(own.conflicts_of(pid).front().at("process.linux.cgroup"), "/bt-all.slice/bt-web.service");
}

BINDTRACE_ON_EVERY_TIER_UNLESS_SHORT(AllFilters);

}  // namespace
}  // namespace bindtrace
