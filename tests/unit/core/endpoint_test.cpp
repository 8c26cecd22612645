// SPDX-License-Identifier: Apache-2.0
#include "core/endpoint.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "incidents.h"

namespace bindtrace {
namespace {

TEST(Endpoint, AnIpv4EndpointIsWrittenAddressColonPort) {
  EXPECT_EQ(to_string(Endpoint{Transport::kTcp, ipv4(0, 0, 0, 0), 80}), "tcp 0.0.0.0:80");
}

TEST(Endpoint, AnIpv6AddressStandsInBrackets) {
  EXPECT_EQ(to_string(Endpoint{Transport::kUdp, ipv6_any(), 53}), "udp [::]:53");
}

TEST(Endpoint, AMappedAddressStaysIpv6) {
  const IpAddress mapped{Family::kIpv6, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 127, 0, 0, 1}};
  EXPECT_EQ(to_string(mapped), "::ffff:127.0.0.1");
  EXPECT_EQ(to_string(mapped.family), "ipv6");
}

TEST(Endpoint, WhatIsNotKnownIsAQuestionMark) {
  EXPECT_EQ(to_string(Endpoint{Transport::kTcp, std::nullopt, std::nullopt}), "tcp ?:?");
}

TEST(Endpoint, APortOfZeroThatWasAskedForIsZero) {
  EXPECT_EQ(to_string(Endpoint{Transport::kTcp, ipv4(127, 0, 0, 1), 0}), "tcp 127.0.0.1:0");
}

TEST(Endpoint, BothPingProtocolsAreIcmp) {
  EXPECT_EQ(transport_of(AF_INET, 1), Transport::kIcmp);
  EXPECT_EQ(transport_of(AF_INET, 58), Transport::kIcmp);
}

TEST(Endpoint, AProtocolWithoutANameIsUnknown) {
  EXPECT_EQ(transport_of(AF_INET, 250), Transport::kUnknown);
}

TEST(Transport, WhatListensForConnectionsIsConnectionOriented) {
  for (const Transport transport : {Transport::kTcp, Transport::kMptcp, Transport::kSctp}) {
    EXPECT_TRUE(is_connection_oriented(transport)) << to_string(transport);
  }
  for (const Transport transport : {Transport::kUdp, Transport::kUdplite, Transport::kIcmp, Transport::kUnknown}) {
    EXPECT_FALSE(is_connection_oriented(transport)) << to_string(transport);
  }
}

TEST(Address, WithoutItsMappingIsTheIpv4Address) {
  const IpAddress loopback{Family::kIpv4, {127, 0, 0, 1}};
  EXPECT_EQ(without_mapping({Family::kIpv6, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 127, 0, 0, 1}}), loopback);
  EXPECT_EQ(without_mapping(loopback), loopback);
  EXPECT_EQ(without_mapping({Family::kIpv6, {}}), (IpAddress{Family::kIpv6, {}}));
}

}  // namespace
}  // namespace bindtrace
