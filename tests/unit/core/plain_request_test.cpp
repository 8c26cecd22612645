// SPDX-License-Identifier: Apache-2.0
#include "core/plain_request.h"

#include <cstring>
#include <string>

#include <netinet/in.h>
#include <sys/socket.h>

#include <gtest/gtest.h>

#include "incidents.h"
#include "wire.h"

namespace bindtrace {
namespace {

bt_request wire_of(const Endpoint& endpoint) {
  const Request request = plain_request(endpoint, 4026531840);
  EXPECT_EQ(request.endpoint, endpoint);
  EXPECT_EQ(request.netns, 4026531840U);
  EXPECT_FALSE(request.options.reuseaddr);
  bt_request wire{};
  EXPECT_EQ(request.wire.size(), sizeof wire);
  std::memcpy(&wire, request.wire.data(), sizeof wire);
  EXPECT_EQ(wire.operation, BT_OP_BIND);
  EXPECT_EQ(wire.netns, 4026531840U);
  return wire;
}

TEST(PlainRequest, AsksForAnIpv4Address) {
  const bt_request wire = wire_of({Transport::kTcp, ipv4(127, 0, 0, 1), 8080});
  EXPECT_EQ(wire.family, AF_INET);
  EXPECT_EQ(wire.protocol, IPPROTO_TCP);
  EXPECT_EQ(wire.sock_type, SOCK_STREAM);
  EXPECT_EQ(wire.port, 8080);
  EXPECT_EQ(std::memcmp(wire.address, "\x7f\0\0\1\0", 5), 0);
}

TEST(PlainRequest, AsksForAnIpv6AddressOfDatagrams) {
  const bt_request wire = wire_of({Transport::kUdp, ipv6_any(), 53});
  EXPECT_EQ(wire.family, AF_INET6);
  EXPECT_EQ(wire.protocol, IPPROTO_UDP);
  EXPECT_EQ(wire.sock_type, SOCK_DGRAM);
}

TEST(PlainRequest, WritesAnAbstractNameAsTheKernelHasIt) {
  const bt_request wire = wire_of({Transport::kUnix, std::nullopt, std::nullopt, "@app"});
  EXPECT_EQ(wire.family, AF_UNIX);
  EXPECT_EQ(std::string(wire.name, wire.name_length), std::string("\0app", 4));
}

TEST(PlainRequest, CutsNoPathThatFits) {
  const std::string path = '/' + std::string(106, 'a');
  const bt_request wire = wire_of({Transport::kUnix, std::nullopt, std::nullopt, path});
  EXPECT_EQ(std::string(wire.name, wire.name_length), path);
}

}  // namespace
}  // namespace bindtrace
