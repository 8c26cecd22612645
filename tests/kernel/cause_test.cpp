// SPDX-License-Identifier: Apache-2.0
// Why the port was taken: the causes that need two processes. same_process and time_wait are shown elsewhere.
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "entering.h"
#include "privilege.h"
#include "tier_test.h"

namespace bindtrace {
namespace {

class Cause : public SharedTracerTest {};

// A copy of this test binary under another path, for as long as the object lives.
class OtherProgram {
 public:
  OtherProgram() { std::filesystem::copy_file(own_executable(), path_); }
  OtherProgram(const OtherProgram&) = delete;
  OtherProgram& operator=(const OtherProgram&) = delete;
  ~OtherProgram() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string comm() const { return std::filesystem::path(path_).filename().string().substr(0, 15); }

 private:
  std::string path_ = "/tmp/bt-other-" + std::to_string(getpid());
};

TEST_P(Cause, AnOlderProcessOfTheSameProgramIsThePreviousInstance) {
  const Request request{Transport::kTcp, {"127.0.0.1", 6001}, {}};
  Child starter(netns(), "bt-starter", [&](const Line& line) {
    if (fork() > 0) {
      return;  // so that holder and victim are not children of one master
    }
    const Fd socket = serve(request);
    line.tell(held_by_me(socket));
    line.wait_for_release();
  });
  const Held held = starter.hear<Held>();
  ASSERT_EQ(starter.join(), 0);
  const Victim victim = fail_to_bind(netns(), request);

  const Record record = only_conflict_of(victim);

  expect_holder(record, held, "bt-starter");
  EXPECT_EQ(record.at("bindtrace.cause"), "previous_instance") << record.text();
  EXPECT_FALSE(record.at("bindtrace.advice").empty()) << record.text();
}

TEST_P(Cause, AFellowWorkerIsAnotherInstance) {
  const Request request{Transport::kTcp, {"127.0.0.1", 6003}, {}};
  char master[16];
  ASSERT_EQ(prctl(PR_GET_NAME, master), 0);
  const Holder holder = hold(netns(), request, master);
  const Victim victim = fail_to_bind(netns(), request, master);

  const Record record = only_conflict_of(victim);

  EXPECT_EQ(record.at("bindtrace.cause"), "another_instance") << record.text();
}

TEST_P(Cause, AnotherProgramIsNamedByItsExecutable) {
  const OtherProgram program;
  const Endpoint endpoint{"127.0.0.1", 6002};
  Child child(netns(), "bt-holder", [&](const Line& line) { become_other_program(line, program.path(), endpoint); });
  const Held held = child.hear<Held>();
  const Victim victim = fail_to_bind(netns(), {Transport::kTcp, endpoint, {}});

  const Record record = only_conflict_of(victim);

  EXPECT_EQ(record.at("bindtrace.cause"), "other_program") << record.text();
  EXPECT_EQ(record.holder().at("executable"), program.path()) << record.text();
  expect_holder(record, held, program.comm());
}

TEST_P(Cause, SoReuseportOnOneSideAloneIsAMismatch) {
  const Endpoint endpoint{"127.0.0.1", 6004};
  const Holder holder = hold(netns(), {Transport::kTcp, endpoint, {}});
  const Victim victim = fail_to_bind(netns(), {Transport::kTcp, endpoint, {.reuseport = true}});

  const Record record = only_conflict_of(victim);

  EXPECT_EQ(record.at("bindtrace.cause"), "reuseport_mismatch") << record.text();
  EXPECT_NE(record.at("message").dump().find("bt-holder[" + std::to_string(holder.held.pid) + "] did not"),
            std::string::npos)
      << record.text();
}

// A process with a connection whose own port the kernel had to choose, and could choose in one way only. `leave` is
// what it does then.
Child connect_by_itself(const Netns& netns, uint16_t port, const Endpoint& server,
                        const std::function<void()>& leave = {}) {
  netns.set("ipv4/ip_local_port_range", std::to_string(port) + " " + std::to_string(port));
  Child client(netns, "bt-client", [&](const Line& line) {
    const Fd connection = connect_to(server);
    if (leave) {
      leave();
    }
    line.tell(true);
    line.wait_for_release();
  });
  client.hear<bool>();
  return client;
}

TEST_P(Cause, APortThatTheKernelChoseForAConnectionIsAClientsPort) {
  const Holder server = hold(netns(), {Transport::kTcp, {"127.0.0.1", 6005}, {}});
  const Child client = connect_by_itself(netns(), 6006, {"127.0.0.1", 6005});
  const Victim victim = fail_to_bind(netns(), {Transport::kTcp, {"127.0.0.1", 6006}, {}});

  const Record record = only_conflict_of(victim);

  EXPECT_EQ(record.at("bindtrace.cause"), "client_port") << record.text();
  EXPECT_EQ(record.holder().at("pid"), client.pid()) << record.text();
  EXPECT_NE(record.at("message").dump().find("to 127.0.0.1:6005 of bt-client"), std::string::npos) << record.text();
}

BINDTRACE_ON_EVERY_TIER(Cause);

class ClientPort : public TierTest {};

TEST_P(ClientPort, IsReservedByTheExactCommandWhereTheTracerSharesTheNamespace) {
  netns().set("ipv4/ip_local_reserved_ports", "99-101");
  Tracer own(tier(), {}, Tracer::Output::kRecords, entering(netns()));
  const Holder server = hold(netns(), {Transport::kTcp, {"127.0.0.1", 6007}, {}});
  const Child client = connect_by_itself(netns(), 6008, {"127.0.0.1", 6007});

  const Record record = only_conflict_of(own, fail_to_bind(netns(), {Transport::kTcp, {"127.0.0.1", 6008}, {}}));

  EXPECT_NE(record.at("bindtrace.advice").dump().find("sysctl -w net.ipv4.ip_local_reserved_ports=99-101,6008 "),
            std::string::npos)
      << record.text();
}

BINDTRACE_ON_ONE_TIER_UNLESS_SHORT(ClientPort);

class ForeignClientPort : public SharedTracerTest {
 protected:
  static constexpr uint16_t kServer = 6009;
  static constexpr uint16_t kPort = 20003;

  void SetUp() override {
    SharedTracerTest::SetUp();
    server_.emplace(hold(netns(), {Transport::kTcp, {"127.0.0.1", kServer}, {}}));
  }

  // With the port, of a process that leaves the namespace or not.
  [[nodiscard]] Child client(bool leaves = false) const {
    const auto leave = [] { must(unshare(CLONE_NEWNET) == 0, "unshare(CLONE_NEWNET)"); };
    Child client = connect_by_itself(netns(), kPort, {"127.0.0.1", kServer},
                                     leaves ? std::function<void()>(leave) : std::function<void()>());
    netns().set("ipv4/ip_local_port_range", "20000 20010");
    netns().set("ipv4/ip_local_reserved_ports", "20005");
    return client;
  }

  [[nodiscard]] Victim refused() const { return fail_to_bind(netns(), {Transport::kTcp, {"127.0.0.1", kPort}, {}}); }
  // Has ended before the tracer hears of it.
  [[nodiscard]] Victim refused_and_gone(const Tracer& tracer) const {
    const Stopped stopped(tracer.pid());
    Victim victim = refused();
    victim.child.release();
    EXPECT_EQ(victim.child.join(), 0);
    return victim;
  }

  static void expect_list(const Record& record, const std::string& netns_file) {
    EXPECT_EQ(record.at("bindtrace.cause"), "client_port") << record.text();
    EXPECT_NE(record.at("bindtrace.evidence").dump().find("from 20000 to 20010, but not 20005\""), std::string::npos)
        << record.text();
    EXPECT_NE(record.at("bindtrace.advice")
                  .dump()
                  .find(": nsenter --net=" + netns_file + " sysctl -w net.ipv4.ip_local_reserved_ports=20005,20003 ("),
              std::string::npos)
        << record.text();
  }
  static void expect_no_list(const Record& record) {
    EXPECT_EQ(record.at("bindtrace.cause"), "client_port") << record.text();
    EXPECT_EQ(record.at("bindtrace.evidence").dump().find("chooses the ports"), std::string::npos) << record.text();
    EXPECT_NE(record.at("bindtrace.advice").dump().find("add 20003 to net.ipv4.ip_local_reserved_ports in the network"),
              std::string::npos)
        << record.text();
  }

 private:
  std::optional<Holder> server_;
};

std::string netns_file(pid_t pid) {
  return "/proc/" + std::to_string(pid) + "/ns/net";
}

TEST_P(ForeignClientPort, IsReservedByTheExactCommandWhereItsHolderLives) {
  const Child holder = client();

  const Record record = only_conflict_of(refused_and_gone(tracer()));

  expect_list(record, netns_file(holder.pid()));
}

TEST_P(ForeignClientPort, IsReservedByTheExactCommandWhereItsVictimLives) {
  const Child holder = client(/*leaves=*/true);
  const Victim victim = refused();

  const Record record = only_conflict_of(victim);

  expect_list(record, netns_file(victim.tried.pid));
}

TEST_P(ForeignClientPort, HasNoListOfAnotherNamespaceWhereNobodyIsLeftInItsOwn) {
  const Child holder = client(/*leaves=*/true);

  const Record record = only_conflict_of(refused_and_gone(tracer()));

  EXPECT_EQ(record.holder().at("alive"), true) << record.text();
  expect_no_list(record);
}

BINDTRACE_ON_EVERY_TIER(ForeignClientPort);

class NamedClientPort : public ForeignClientPort {};

TEST_P(NamedClientPort, IsReservedByTheExactCommandWithoutAnybodyInItsNamespace) {
  Tracer own(tier(), {}, Tracer::Output::kRecords, naming(netns()));
  const Child holder = client(/*leaves=*/true);

  const Record record = TierTest::only_conflict_of(own, refused_and_gone(own));

  expect_list(record, std::string("/run/netns/") + kNetnsName);
}

TEST_P(NamedClientPort, HasNoListWhereTheTracerMayNotEnter) {
  Tracer own(tier(), {}, Tracer::Output::kRecords, [name = naming(netns())] {
    name();
    keep_two_capabilities();
  });
  const Child holder = client();

  const Record record = TierTest::only_conflict_of(own, refused());

  EXPECT_EQ(record.at("bindtrace.netns_name"), kNetnsName) << record.text();
  expect_no_list(record);
}

BINDTRACE_ON_ONE_TIER_UNLESS_SHORT(NamedClientPort);

}  // namespace
}  // namespace bindtrace
