// SPDX-License-Identifier: Apache-2.0
// The address that was asked for, of each family.
#include "core/decode.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "wire_records.h"

namespace bindtrace {
namespace {

TEST(Decode, AnAddressThatCouldNotBeReadIsUnknown) {
  bt_failure wire = wire_failure();
  wire.flags |= BT_FAIL_NO_PARSE;
  const auto failure = decoded<Failure>(wire);
  EXPECT_FALSE(failure.request.endpoint.address);
  EXPECT_FALSE(failure.request.endpoint.port);
}

TEST(Decode, AFamilyThatIsNotKnownHasNoAddress) {
  bt_failure wire = wire_failure();
  wire.request.family = AF_BLUETOOTH;
  const Endpoint endpoint = decoded<Failure>(wire).request.endpoint;
  EXPECT_FALSE(endpoint.address);
  EXPECT_FALSE(endpoint.port);
  EXPECT_EQ(to_string(endpoint), "unknown ?");
}

std::string unix_endpoint(std::string_view sun_path) {
  bt_failure wire = wire_failure();
  wire.request.family = AF_UNIX;
  wire.request.name_length = static_cast<__u32>(sun_path.size());
  put(wire.request.name, sun_path);
  return to_string(decoded<Failure>(wire).request.endpoint);
}

TEST(Decode, AUnixPathEndsWithItsNul) {
  using namespace std::string_view_literals;
  EXPECT_EQ(unix_endpoint("/run/app.sock\0garbage"sv), "unix /run/app.sock");
  EXPECT_EQ(unix_endpoint("/run/app.sock"), "unix /run/app.sock");
}

TEST(Decode, AUnixPathMayFillItsField) {
  const std::string path(BT_UNIX_LEN, 'x');
  EXPECT_EQ(unix_endpoint(path), "unix " + path);
}

TEST(Decode, AnAbstractNameIsAsLongAsItSays) {
  using namespace std::string_literals;
  using namespace std::string_view_literals;
  EXPECT_EQ(unix_endpoint("\0bus\0x"sv), "unix @bus\0x"s);
}

TEST(Decode, AUnixNameLongerThanItsFieldIsAnError) {
  bt_failure wire = wire_failure();
  wire.request.name_length = BT_UNIX_LEN + 1;
  EXPECT_EQ(decode(bytes_of(wire)).error().kind, ErrorKind::kMalformed);
}

TEST(Decode, ANetlinkAddressIsThePortId) {
  bt_failure wire = wire_failure();
  wire.request.family = AF_NETLINK;
  const std::uint32_t port_id = 4242;
  std::memcpy(wire.request.address, &port_id, sizeof port_id);
  EXPECT_EQ(to_string(decoded<Failure>(wire).request.endpoint), "netlink 4242");
}

TEST(Decode, AVsockAddressIsCidAndPort) {
  bt_failure wire = wire_failure();
  wire.request.family = AF_VSOCK;
  const std::array<std::uint32_t, 2> port_and_cid{5555, 3};
  std::memcpy(wire.request.address, port_and_cid.data(), sizeof port_and_cid);
  EXPECT_EQ(to_string(decoded<Failure>(wire).request.endpoint), "vsock 3:5555");
}

TEST(Decode, AnIpv4AddressTakesOnlyItsFourBytes) {
  bt_failure wire = wire_failure();
  std::fill(std::begin(wire.request.address), std::end(wire.request.address), __u8{9});
  EXPECT_EQ(to_string(*decoded<Failure>(wire).request.endpoint.address), "9.9.9.9");
  EXPECT_EQ(decoded<Failure>(wire).request.endpoint.address->bytes[4], 0);
}

}  // namespace
}  // namespace bindtrace
