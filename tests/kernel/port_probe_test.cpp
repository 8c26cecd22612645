// SPDX-License-Identifier: Apache-2.0
// A program that tries port after port until one fits is no service that is refused its own.
#include <cerrno>
#include <set>
#include <vector>

#include "tier_test.h"

namespace bindtrace {
namespace {

class PortProbe : public SharedTracerTest {};

// bindresvport(3) does this, the kernel's NFS client, and whoever wants any port of a range.
TEST_P(PortProbe, AThreadThatTriesPortAfterPortIsCalledSoAndCostsNoScan) {
  constexpr int kPorts = 8;
  const auto request = [](int i) {
    return Request{Transport::kUdp, {"127.0.0.1", static_cast<uint16_t>(11200 + i)}, {}};
  };
  Child holder(netns(), "bt-holder", [&](const Line& line) {
    std::vector<Fd> sockets;
    sockets.reserve(kPorts);
    for (int i = 0; i < kPorts; i++) {
      sockets.push_back(serve(request(i)));
    }
    line.tell('r');
    line.wait_for_release();
  });
  holder.hear<char>();
  Child prober(netns(), "bt-prober", [&](const Line& line) {
    const Fd socket = make_socket(request(0));
    for (int i = 0; i < kPorts; i++) {
      must(try_bind(socket.get(), request(i).endpoint) == EADDRINUSE, "bind is refused");
    }
    line.tell('d');
    line.wait_for_release();
  });
  prober.hear<char>();

  tracer().wait_for_conflicts(prober.pid(), kPorts);
  std::set<int> probed;
  for (const Record& record : tracer().conflicts_of(prober.pid())) {
    const int port = record.at("network.local.port").get<int>() - 11200;
    if (record.at("bindtrace.cause") == "port_probe") {
      probed.insert(port);
      EXPECT_EQ(record.at("bindtrace.holder_status"), "skipped") << record.text();
    } else {
      EXPECT_EQ(record.holder().at("pid"), holder.pid()) << record.text();
    }
  }
  EXPECT_EQ(probed, (std::set<int>{3, 4, 5, 6, 7}));
}

TEST_P(PortProbe, AServiceThatIsRefusedOnePortAgainAndAgainProbesNothing) {
  const Request request{Transport::kUdp, {"127.0.0.1", 11301}, {}};
  const Holder holder = hold(netns(), request);
  Child victim(netns(), "bt-victim", [&](const Line& line) {
    const Fd socket = make_socket(request);
    for (int i = 0; i < 6; i++) {
      must(try_bind(socket.get(), request.endpoint) == EADDRINUSE, "bind is refused");
    }
    line.tell('d');
    line.wait_for_release();
  });
  victim.hear<char>();

  tracer().wait_for_conflicts(victim.pid(), 6);
  for (const Record& record : tracer().conflicts_of(victim.pid())) {
    EXPECT_NE(record.at("bindtrace.cause"), "port_probe") << record.text();
    EXPECT_EQ(record.holder().at("pid"), holder.held.pid) << record.text();
  }
}

BINDTRACE_ON_EVERY_TIER(PortProbe);

}  // namespace
}  // namespace bindtrace
