// SPDX-License-Identifier: Apache-2.0
// The address of a record is the one that was asked for. The kernel resets the socket's own address when a
// bind fails, so that a tracer which looks too late shows 0.0.0.0:0.
#include "tier_test.h"

namespace bindtrace {
namespace {

class Address : public SharedTracerTest {
 protected:
  void expect_conflict(const Request& held, const Request& wanted) {
    const Holder holder = hold(netns(), held);
    const Victim victim = fail_to_bind(netns(), wanted);

    const Record record = only_conflict_of(victim);

    expect_endpoint(record, wanted.transport == Transport::kTcp ? "tcp" : "udp", wanted.endpoint);
    expect_holder(record, holder.held, "bt-holder");
    EXPECT_EQ(record.holder().at("socket.address"), held.endpoint.address) << record.text();
    EXPECT_EQ(record.holder().at("socket.port"), held.endpoint.port) << record.text();
    if (wanted.options.v6only) {
      EXPECT_EQ(record.at("bindtrace.socket.v6only"), *wanted.options.v6only) << record.text();
    }
  }
};

TEST_P(Address, ASpecificIpv4AddressIsReportedAsAskedFor) {
  const Request request{Transport::kTcp, {"127.0.0.5", 2001}, {}};
  expect_conflict(request, request);
}

TEST_P(Address, ASpecificIpv6AddressIsReportedAsAskedFor) {
  const Request request{Transport::kTcp, {"::1", 2002}, {}};
  expect_conflict(request, request);
}

TEST_P(Address, ASpecificUdpAddressIsReportedAsAskedFor) {
  const Request request{Transport::kUdp, {"127.0.0.5", 2003}, {}};
  expect_conflict(request, request);
}

TEST_P(Address, TheIpv4WildcardAgainstASpecificAddress) {
  expect_conflict({Transport::kTcp, {"127.0.0.5", 2004}, {}}, {Transport::kTcp, {"0.0.0.0", 2004}, {}});
}

TEST_P(Address, ASpecificAddressAgainstTheIpv4Wildcard) {
  expect_conflict({Transport::kTcp, {"0.0.0.0", 2005}, {}}, {Transport::kTcp, {"127.0.0.5", 2005}, {}});
}

TEST_P(Address, TheUdpWildcardAgainstASpecificAddress) {
  expect_conflict({Transport::kUdp, {"127.0.0.5", 2006}, {}}, {Transport::kUdp, {"0.0.0.0", 2006}, {}});
}

TEST_P(Address, TheIpv6WildcardAgainstTheIpv4Wildcard) {
  expect_conflict({Transport::kTcp, {"0.0.0.0", 2007}, {}}, {Transport::kTcp, {"::", 2007}, {.v6only = false}});
}

TEST_P(Address, TheIpv4WildcardAgainstTheIpv6Wildcard) {
  expect_conflict({Transport::kTcp, {"::", 2008}, {.v6only = false}}, {Transport::kTcp, {"0.0.0.0", 2008}, {}});
}

TEST_P(Address, TheUdpIpv6WildcardAgainstTheIpv4Wildcard) {
  expect_conflict({Transport::kUdp, {"0.0.0.0", 2009}, {}}, {Transport::kUdp, {"::", 2009}, {.v6only = false}});
}

TEST_P(Address, TheUdpIpv4WildcardAgainstTheIpv6Wildcard) {
  expect_conflict({Transport::kUdp, {"::", 2014}, {.v6only = false}}, {Transport::kUdp, {"0.0.0.0", 2014}, {}});
}

TEST_P(Address, TwoIpv6OnlyWildcards) {
  const Request request{Transport::kTcp, {"::", 2010}, {.v6only = true}};
  expect_conflict(request, request);
}

TEST_P(Address, AMappedIpv4AddressStaysAnIpv6One) {
  expect_conflict({Transport::kTcp, {"127.0.0.5", 2011}, {}},
                  {Transport::kTcp, {"::ffff:127.0.0.5", 2011}, {.v6only = false}});
}

TEST_P(Address, ASocketThatDoesNotOverlapIsNotNamedAsTheHolder) {
  const Holder bystander = hold(netns(), {Transport::kTcp, {"127.0.0.6", 2012}, {}}, "bt-bystander");
  const Holder holder = hold(netns(), {Transport::kTcp, {"127.0.0.5", 2012}, {}});
  const Holder later = hold(netns(), {Transport::kTcp, {"::1", 2012}, {.v6only = true}}, "bt-bystander");

  const Record record = only_conflict_of(fail_to_bind(netns(), {Transport::kTcp, {"127.0.0.5", 2012}, {}}));

  expect_holder(record, holder.held, "bt-holder");
}

TEST_P(Address, TheSamePortOfAnotherTransportOrNamespaceIsNotNamedAsTheHolder) {
  const Endpoint endpoint{"127.0.0.1", 2013};
  const Netns elsewhere;
  const Holder udp = hold(netns(), {Transport::kUdp, endpoint, {}}, "bt-bystander");
  const Holder outside = hold(elsewhere, {Transport::kTcp, endpoint, {}}, "bt-bystander");
  const Holder holder = hold(netns(), {Transport::kTcp, endpoint, {}});

  const Record record = only_conflict_of(fail_to_bind(netns(), {Transport::kTcp, endpoint, {}}));

  expect_holder(record, holder.held, "bt-holder");
  EXPECT_EQ(record.holders().size(), 1U) << record.text();
}

BINDTRACE_ON_EVERY_TIER(Address);

}  // namespace
}  // namespace bindtrace
