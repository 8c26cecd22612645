// SPDX-License-Identifier: Apache-2.0
// SO_REUSEPORT shares a port between sockets of one user, and of no two.
#include <string>

#include <unistd.h>

#include "tier_test.h"

namespace bindtrace {
namespace {

constexpr uid_t kSomeUser = 12345;

class Reuseport : public SharedTracerTest {
 protected:
  void expect_conflict(const std::string& transport, const Request& request) {
    Child other(netns(), "bt-holder", [&](const Line& line) {
      must(setgid(kSomeUser) == 0 && setuid(kSomeUser) == 0, "setuid");
      const Fd socket = serve(request);
      line.tell(held_by_me(socket));
      line.wait_for_release();
    });
    const Held held = other.hear<Held>();
    const Victim victim = fail_to_bind(netns(), request);

    const Record record = only_conflict_of(victim);

    expect_call(record, "bind", "syscall");
    expect_endpoint(record, transport, request.endpoint);
    expect_victim(record, victim, "bt-victim");
    expect_holder(record, held, "bt-holder");
    EXPECT_EQ(record.at("bindtrace.cause"), "reuseport_mismatch") << record.text();
    EXPECT_EQ(record.at("bindtrace.certainty"), "certain") << record.text();
  }
};

TEST_P(Reuseport, OfAnotherUserOnATcpPort) {
  expect_conflict("tcp", {Transport::kTcp, {"127.0.0.1", 1501}, {.reuseport = true}});
}

TEST_P(Reuseport, OfAnotherUserOnAUdpPort) {
  expect_conflict("udp", {Transport::kUdp, {"127.0.0.1", 1502}, {.reuseport = true}});
}

BINDTRACE_ON_EVERY_TIER(Reuseport);

}  // namespace
}  // namespace bindtrace
