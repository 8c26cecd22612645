// SPDX-License-Identifier: Apache-2.0
// Filters with victims that they let pass and others that they do not: what is shown, and what is counted. One tracer
// shows several filters of a kind where it can, for a start is dear.
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <thread>

#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "filter_scenario.h"
#include "local_sockets.h"

namespace bindtrace {
namespace {

constexpr uid_t kSomeUser = 12345;
constexpr uid_t kOtherUser = 23456;

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

// A test guest has no users.
void have_a_user_root() {
  if (!std::filesystem::exists("/etc/passwd")) {
    std::filesystem::create_directories("/etc");
    std::ofstream("/etc/passwd") << "root:x:0:0::/:/bin/sh\n";
  }
}

// The namespace of a process under a name, as ip-netns(8) keeps it.
class NamedNetns {
 public:
  NamedNetns(const std::string& name, pid_t pid) : path_("/run/netns/" + name) {
    std::filesystem::create_directories("/run/netns");
    { const std::ofstream file(path_); }
    const std::string of_process = "/proc/" + std::to_string(pid) + "/ns/net";
    EXPECT_EQ(mount(of_process.c_str(), path_.c_str(), nullptr, MS_BIND, nullptr), 0);
  }
  NamedNetns(const NamedNetns&) = delete;
  NamedNetns& operator=(const NamedNetns&) = delete;
  ~NamedNetns() {
    umount2(path_.c_str(), MNT_DETACH);
    std::filesystem::remove(path_);
  }

 private:
  std::string path_;
};

class Filter : public FilterTest {
 protected:
  void SetUp() override { holder_.emplace(hold(netns(), request())); }

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

// What a thread calls itself is not the name of its process; an older name leaves nothing behind; and of a name that is
// longer than the kernel keeps, what it keeps has to fit.
TEST_P(Filter, ByTheNameOfTheProcess) {
  Tracer own(tier(), here({"-n", "bt-wanted", "--comm", "bt-name-of-more-than-15-bytes"}));
  const Victim longer = fail_to_bind(netns(), request(), "bt-wanted-2");
  const Victim shorter = fail_to_bind(netns(), request(), "bt-name-of-mor");
  const Victim renamed = fail_in(netns(), "bt-longer-name", [](const Line& line) {
    must(prctl(PR_SET_NAME, "bt-wanted") == 0, "prctl");
    const Fd socket = make_socket(request());
    std::thread([&] {
      must(prctl(PR_SET_NAME, "bt-thread") == 0, "prctl");
      line.tell(bind_and_tell(socket, request().endpoint));
    }).join();
    line.wait_for_release();
  });
  const Victim cut = fail_to_bind(netns(), request(), "bt-name-of-more");

  expect_shown(own, {renamed.tried.pid, cut.tried.pid}, {longer.tried.pid, shorter.tried.pid});
}

// By its number or name.
TEST_P(Filter, ByTheEffectiveUser) {
  have_a_user_root();
  Tracer own(tier(), here({"-u", std::to_string(kSomeUser) + ",root"}));
  const auto fail_as = [&](uid_t user) {
    return fail_after([user] { must(seteuid(user) == 0, "seteuid"); }, request()).tried.pid;
  };
  const pid_t hidden = fail_as(kOtherUser);  // its real user is root
  const pid_t numbered = fail_as(kSomeUser);
  const pid_t named = fail_as(0);

  expect_shown(own, {numbered, named}, {hidden});
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

TEST_P(Filter, ByTheFileOfANetworkNamespaceOrItsName) {
  const Netns by_path;
  const Netns by_name;
  const Holder on_path = hold(by_path, request());
  const Holder on_name = hold(by_name, request());
  const std::string path = "/proc/" + std::to_string(on_path.held.pid) + "/ns/net";
  const std::string name = "bt-filter-" + std::to_string(getpid());
  std::optional<NamedNetns> named(std::in_place, name, on_name.held.pid);
  Tracer own(tier(), {"--netns", path, "--netns", name});
  named.reset();
  const Victim hidden = fail_to_bind(netns(), request());
  const Victim first = fail_to_bind(by_path, request());
  const Victim second = fail_to_bind(by_name, request());

  expect_shown(own, {first.tried.pid, second.tried.pid}, {hidden.tried.pid});
}

TEST_P(Filter, WithAWrongValueIsRefusedInOneLine) {
  const Ended ended = run_tracer({"-P", "http", "--attach=" + tier()});

  EXPECT_EQ(ended.status, 2) << ended.err;
  EXPECT_NE(ended.err.find("--port 'http' is no port"), std::string::npos) << ended.err;
}

BINDTRACE_ON_ONE_TIER_UNLESS_SHORT(Filter);

}  // namespace
}  // namespace bindtrace
