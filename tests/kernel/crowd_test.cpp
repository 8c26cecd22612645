// SPDX-License-Identifier: Apache-2.0
// A busy server's port: thousands of its connections stand before the listening socket in the kernel's list.
#include <algorithm>
#include <vector>

#include <sys/resource.h>

#include "tier_test.h"

namespace bindtrace {
namespace {

constexpr std::size_t kConnectedKept = 4;  // BT_KEEP_OTHER (bpf/walk.bpf.h): of the others a sample

class Crowd : public SharedTracerTest {};

TEST_P(Crowd, TheListenerBehindItsConnectionsIsNamed) {
  const Request request{Transport::kTcp, {"127.0.0.1", 7001}, {.reuseaddr = true}};
  const int connections = crowd_size();
  Child server(netns(), "bt-holder", [&](const Line& line) {
    rlimit limit{};
    must(getrlimit(RLIMIT_NOFILE, &limit) == 0, "getrlimit");
    limit.rlim_cur = static_cast<rlim_t>(connections) * 2 + 100;
    limit.rlim_max = std::max(limit.rlim_max, limit.rlim_cur);
    must(setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit");
    const Fd listener = serve(request);
    std::vector<Fd> ends;
    for (int i = 0; i < connections; i++) {
      ends.push_back(connect_to(request.endpoint));
      ends.push_back(accept_from(listener.get()));
    }
    line.tell(held_by_me(listener));
    line.wait_for_release();
  });
  const Held held = server.hear<Held>();

  // Both have SO_REUSEADDR, so that the listener alone blocks.
  const Record record = only_conflict_of(fail_to_bind(netns(), request));

  expect_holder(record, held, "bt-holder");
  EXPECT_EQ(record.holder().at("socket.state"), "LISTEN") << record.text();
  EXPECT_EQ(record.at("bindtrace.sockets_on_port.truncated"), false) << record.text();
  EXPECT_EQ(record.at("bindtrace.sockets_on_port.total"), connections + 1) << record.text();
  EXPECT_EQ(record.at("bindtrace.sockets_on_port.by_state.LISTEN"), 1) << record.text();
  EXPECT_EQ(record.at("bindtrace.sockets_on_port.by_state.ESTABLISHED"), connections) << record.text();
  EXPECT_EQ(record.holders().size(), 1 + kConnectedKept) << record.text();
}

BINDTRACE_ON_EVERY_TIER_UNLESS_SHORT(Crowd);

}  // namespace
}  // namespace bindtrace
