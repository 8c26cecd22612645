// SPDX-License-Identifier: Apache-2.0
// Each filter with a victim that it lets pass and one that it does not: what is shown, and what is counted.
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "cgroup.h"
#include "features.h"
#include "local_sockets.h"
#include "tier_test.h"

namespace bindtrace {
namespace {

using Options = std::vector<std::string>;

constexpr uid_t kSomeUser = 12345;

Request tcp_at(uint16_t port) {
  return {Transport::kTcp, {"127.0.0.1", port}, {}};
}

// A process that waits to be released, and only then fails to bind.
class Candidate {
 public:
  Candidate(const Netns& netns, const Request& request)
      : child_(netns, "bt-victim", [&](const Line& line) {
          line.wait_for_release();
          const Fd socket = make_socket(request);
          line.tell(bind_and_tell(socket, request.endpoint));
          line.wait_for_release();
        }) {}

  [[nodiscard]] pid_t pid() const { return child_.pid(); }
  void fail() {
    child_.release();
    EXPECT_EQ(child_.hear<Tried>().error, EADDRINUSE);
  }

 private:
  Child child_;
};

class FilterTest : public TierTest {
 protected:
  // They would see all that these tests do, and look into it.
  FilterTest() { stop_shared_tracers(); }

  // Only this test's failures pass: its namespace is nobody else's.
  [[nodiscard]] Options here(const Options& more) const {
    Options options{"--netns", std::to_string(netns().inode())};
    options.insert(options.end(), more.begin(), more.end());
    return options;
  }

  // Ends the tracer: of each of these victims it has shown the one failure, of the others nothing, and it has counted
  // these alone as attempted.
  static void expect_shown(Tracer& tracer, const std::vector<pid_t>& shown, const std::vector<pid_t>& hidden) {
    for (const pid_t pid : shown) {
      tracer.conflict_of(pid);  // before it has to end: then what is late is lost
    }
    const Ended ended = tracer.stop(SIGINT);
    EXPECT_EQ(ended.status, 0) << ended.err;
    EXPECT_NE(ended.err.find(" filtered"), std::string::npos) << ended.err;
    for (const pid_t pid : shown) {
      EXPECT_EQ(tracer.conflicts_of(pid).size(), 1U) << pid;
    }
    for (const pid_t pid : hidden) {
      EXPECT_TRUE(tracer.conflicts_of(pid).empty()) << pid;
    }
    const Record& last = tracer.last_record();
    const auto accounts = accounts_of(last);
    ASSERT_TRUE(accounts) << last.text();
    EXPECT_EQ(accounts->attempted, static_cast<int64_t>(shown.size())) << last.text();
    EXPECT_EQ(accounts->attempted, accounts->emitted) << last.text();
    EXPECT_GE(last.at("bindtrace.stats.filtered"), hidden.size()) << last.text();
  }

  static void expect_shown(Tracer& tracer, const Victim& shown, const Victim& hidden) {
    expect_shown(tracer, {shown.tried.pid}, {hidden.tried.pid});
  }

  // Of a process that is in the cgroup when it fails.
  [[nodiscard]] Victim fail_within(const Cgroup& cgroup, const Request& request) const {
    return fail_in(netns(), "bt-victim", [&](const Line& line) {
      cgroup.enter();
      const Fd socket = make_socket(request);
      line.tell(bind_and_tell(socket, request.endpoint));
      line.wait_for_release();
    });
  }
};

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

BINDTRACE_ON_EVERY_TIER(PortFilter);

class MptcpFilter : public FilterTest {};

TEST_P(MptcpFilter, KnowsMptcpFromItsTcpSubflow) {
  const Request mptcp{Transport::kMptcp, {"127.0.0.1", 9104}, {}};
  Tracer own(tier(), here({"--proto", "mptcp"}));
  const Holder holder = hold(netns(), mptcp);
  const Victim hidden = fail_to_bind(netns(), tcp_at(9104));
  const Victim shown = fail_to_bind(netns(), mptcp);

  expect_shown(own, shown, hidden);
}

BINDTRACE_ON_EVERY_TIER_WITH("mptcp", MptcpFilter);

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

BINDTRACE_ON_EVERY_TIER(AllFilters);

class Filter : public FilterTest {
 protected:
  void SetUp() override { holder_.emplace(hold(netns(), tcp_at(9200))); }

  // The victims' address.
  [[nodiscard]] static Request request() { return tcp_at(9200); }

 private:
  std::optional<Holder> holder_;
};

TEST_P(Filter, ByProcessId) {
  Candidate hidden(netns(), request());
  Candidate shown(netns(), request());
  Tracer own(tier(), here({"-p", std::to_string(shown.pid()) + ",1"}));
  hidden.fail();
  shown.fail();

  expect_shown(own, {shown.pid()}, {hidden.pid()});
}

// What a thread calls itself is not the name of its process; and an older name leaves nothing behind.
TEST_P(Filter, ByTheNameOfTheProcess) {
  Tracer own(tier(), here({"-n", "bt-wanted"}));
  const Victim hidden = fail_to_bind(netns(), request(), "bt-wanted-2");
  const Victim shown = fail_in(netns(), "bt-longer-name", [](const Line& line) {
    must(prctl(PR_SET_NAME, "bt-wanted") == 0, "prctl");
    const Fd socket = make_socket(request());
    std::thread([&] {
      must(prctl(PR_SET_NAME, "bt-thread") == 0, "prctl");
      line.tell(bind_and_tell(socket, request().endpoint));
    }).join();
    line.wait_for_release();
  });

  expect_shown(own, shown, hidden);
}

TEST_P(Filter, ByANameThatIsLongerThanTheKernelKeeps) {
  Tracer own(tier(), here({"--comm", "bt-name-of-more-than-15-bytes"}));
  const Victim hidden = fail_to_bind(netns(), request(), "bt-name-of-mor");
  const Victim shown = fail_to_bind(netns(), request(), "bt-name-of-more");

  expect_shown(own, shown, hidden);
}

TEST_P(Filter, ByTheEffectiveUser) {
  Tracer own(tier(), here({"-u", std::to_string(kSomeUser)}));
  const Victim hidden = fail_to_bind(netns(), request());
  const Victim shown = fail_in(netns(), "bt-victim", [](const Line& line) {
    must(seteuid(kSomeUser) == 0, "seteuid");
    const Fd socket = make_socket(request());
    line.tell(bind_and_tell(socket, request().endpoint));
    line.wait_for_release();
  });

  expect_shown(own, shown, hidden);
}

TEST_P(Filter, ByTheNameOfAUser) {
  if (!std::filesystem::exists("/etc/passwd")) {  // a test guest
    std::filesystem::create_directories("/etc");
    std::ofstream("/etc/passwd") << "root:x:0:0::/:/bin/sh\n";
  }
  Tracer own(tier(), here({"-u", "root"}));
  const Victim hidden = fail_in(netns(), "bt-victim", [](const Line& line) {
    must(seteuid(kSomeUser) == 0, "seteuid");
    const Fd socket = make_socket(request());
    line.tell(bind_and_tell(socket, request().endpoint));
    line.wait_for_release();
  });
  const Victim shown = fail_to_bind(netns(), request());

  expect_shown(own, shown, hidden);
}

TEST_P(Filter, ByProtocol) {
  Tracer own(tier(), here({"--proto", "udp,unix"}));
  const Request udp{Transport::kUdp, {"127.0.0.1", 9200}, {}};
  const Holder of_udp = hold(netns(), udp);
  const Holder of_unix = hold(netns(), unix_name("bt-filter"));
  const Holder of_netlink = hold(netns(), netlink_port(4'000'000'009));
  const Victim tcp = fail_to_bind(netns(), request());
  const Victim netlink = fail_to_bind(netns(), netlink_port(4'000'000'009));
  const Victim first = fail_to_bind(netns(), udp);
  const Victim second = fail_to_bind(netns(), unix_name("bt-filter"));

  expect_shown(own, {first.tried.pid, second.tried.pid}, {tcp.tried.pid, netlink.tried.pid});
}

TEST_P(Filter, ByAddressFamily) {
  const Request ipv6{Transport::kTcp, {"::1", 9200}, {}};
  const Holder of_ipv6 = hold(netns(), ipv6);
  const Holder of_unix = hold(netns(), unix_name("bt-filter"));
  Tracer four(tier(), here({"-4"}));
  Tracer six(tier(), here({"-6"}));
  Tracer both(tier(), here({"-4", "-6"}));
  const Victim local = fail_to_bind(netns(), unix_name("bt-filter"));
  const Victim on_four = fail_to_bind(netns(), request());
  const Victim on_six = fail_to_bind(netns(), ipv6);

  expect_shown(four, {on_four.tried.pid}, {on_six.tried.pid, local.tried.pid});
  expect_shown(six, {on_six.tried.pid}, {on_four.tried.pid, local.tried.pid});
  expect_shown(both, {on_four.tried.pid, on_six.tried.pid}, {local.tried.pid});
}

TEST_P(Filter, ByTheFileOfANetworkNamespaceAndItsName) {
  const Netns elsewhere;
  const Holder other = hold(elsewhere, request());
  const std::string path = "/proc/" + std::to_string(other.held.pid) + "/ns/net";
  const std::string name = "bt-filter-" + std::to_string(getpid());
  std::filesystem::create_directories("/run/netns");
  { const std::ofstream file("/run/netns/" + name); }
  ASSERT_EQ(mount(path.c_str(), ("/run/netns/" + name).c_str(), nullptr, MS_BIND, nullptr), 0);
  Tracer by_path(tier(), {"--netns", path});
  Tracer by_name(tier(), {"--netns", name});
  umount2(("/run/netns/" + name).c_str(), MNT_DETACH);
  std::filesystem::remove("/run/netns/" + name);
  const Victim hidden = fail_to_bind(netns(), request());
  const Victim shown = fail_to_bind(elsewhere, request());

  expect_shown(by_path, shown, hidden);
  expect_shown(by_name, shown, hidden);
}

TEST_P(Filter, ByTheNameOfACgroupAtAnyLevel) {
  Tracer own(tier(), here({"-c", "bt-b.service"}));
  const Cgroup other("bt-a.slice/bt-b.service2");
  const Cgroup leaf("bt-a.slice/bt-b.service");
  const Cgroup below("bt-a.slice/bt-b.service/payload/inner");
  const Victim hidden = fail_within(other, request());
  const Victim first = fail_within(leaf, request());
  const Victim second = fail_within(below, request());

  expect_shown(own, {first.tried.pid, second.tried.pid}, {hidden.tried.pid});
}

TEST_P(Filter, ByThePathOfACgroupFromTheRoot) {
  Tracer own(tier(), here({"--cgroup", "/bt-a.slice/bt-b.service"}));
  const Cgroup parent("bt-a.slice");
  const Cgroup deeper("bt-c.slice/bt-a.slice/bt-b.service");
  const Cgroup leaf("bt-a.slice/bt-b.service");
  const Cgroup below("bt-a.slice/bt-b.service/payload");
  const Victim above = fail_within(parent, request());
  const Victim elsewhere = fail_within(deeper, request());
  const Victim first = fail_within(leaf, request());
  const Victim second = fail_within(below, request());

  expect_shown(own, {first.tried.pid, second.tried.pid}, {above.tried.pid, elsewhere.tried.pid});
}

TEST_P(Filter, ByAUnitThatIsMadeLater) {
  Tracer own(tier(), here({"--unit", "bt-later", "--unit", "bt-never.socket"}));
  const Victim hidden = fail_to_bind(netns(), request());
  const Cgroup unit("bt-a.slice/bt-later.service");
  const Victim shown = fail_within(unit, request());

  expect_shown(own, shown, hidden);
}

TEST_P(Filter, OfAUnitAndACgroupBothHaveToHold) {
  Tracer own(tier(), here({"--unit", "bt-b", "-c", "bt-a.slice"}));
  const Cgroup one("bt-c.slice/bt-b.service");
  const Cgroup other("bt-a.slice/bt-d.service");
  const Cgroup both("bt-a.slice/bt-b.service");
  const Victim first = fail_within(one, request());
  const Victim second = fail_within(other, request());
  const Victim shown = fail_within(both, request());

  expect_shown(own, {shown.tried.pid}, {first.tried.pid, second.tried.pid});
}

TEST_P(Filter, WithAWrongValueIsRefusedInOneLine) {
  const Ended ended = run_tracer({"-P", "http", "--attach=" + tier()});

  EXPECT_EQ(ended.status, 2) << ended.err;
  EXPECT_NE(ended.err.find("--port 'http' is no port"), std::string::npos) << ended.err;
}

BINDTRACE_ON_ONE_TIER(Filter);

}  // namespace
}  // namespace bindtrace
