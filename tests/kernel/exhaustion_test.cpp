// SPDX-License-Identifier: Apache-2.0
// Any port will do, and none of the range is left: the request is reported as it was made, with port 0.
#include <string>

#include "tier_test.h"

namespace bindtrace {
namespace {

constexpr uint16_t kFirst = 40'001;
constexpr uint16_t kLast = 40'002;

class ExhaustedPorts : public SharedTracerTest {
 protected:
  ExhaustedPorts() { netns().set("ipv4/ip_local_port_range", std::to_string(kFirst) + " " + std::to_string(kLast)); }

  void expect_failure(const std::string& transport, const Request& request, const std::string& operation) {
    const std::string wildcard = request.endpoint.address.find(':') == std::string::npos ? "0.0.0.0" : "::";
    const Holder first = hold(netns(), {request.transport, {wildcard, kFirst}, {}});
    const Holder last = hold(netns(), {request.transport, {wildcard, kLast}, {}});
    const Victim victim = fail_in(netns(), "bt-victim", [&](const Line& line) {
      const Fd socket = make_socket(request);
      line.tell(operation == "bind" ? bind_and_tell(socket, request.endpoint) : listen_and_tell(socket));
      line.wait_for_release();
    });

    const Record record = only_conflict_of(victim);

    expect_call(record, operation, "syscall");
    expect_endpoint(record, transport, request.endpoint);
    expect_victim(record, victim, "bt-victim");
  }
};

TEST_P(ExhaustedPorts, BindOfATcpSocketOnIpv4) {
  expect_failure("tcp", {Transport::kTcp, {"127.0.0.1", 0}, {}}, "bind");
}

TEST_P(ExhaustedPorts, BindOfATcpSocketOnIpv6) {
  expect_failure("tcp", {Transport::kTcp, {"::1", 0}, {}}, "bind");
}

TEST_P(ExhaustedPorts, BindOfAUdpSocketOnIpv4) {
  expect_failure("udp", {Transport::kUdp, {"127.0.0.1", 0}, {}}, "bind");
}

TEST_P(ExhaustedPorts, BindOfAUdpSocketOnIpv6) {
  expect_failure("udp", {Transport::kUdp, {"::1", 0}, {}}, "bind");
}

TEST_P(ExhaustedPorts, ListenOfASocketThatIsNotBoundOnIpv4) {
  expect_failure("tcp", {Transport::kTcp, {"0.0.0.0", 0}, {}}, "listen");
}

TEST_P(ExhaustedPorts, ListenOfASocketThatIsNotBoundOnIpv6) {
  expect_failure("tcp", {Transport::kTcp, {"::", 0}, {}}, "listen");
}

BINDTRACE_ON_EVERY_TIER(ExhaustedPorts);

}  // namespace
}  // namespace bindtrace
