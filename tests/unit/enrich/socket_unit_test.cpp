// SPDX-License-Identifier: Apache-2.0
#include "enrich/socket_unit.h"

#include <gtest/gtest.h>

#include "incidents.h"

namespace bindtrace {
namespace {

SocketUnit unit_of(std::string_view text, std::string name = "app.socket") {
  SocketUnit unit{.name = std::move(name)};
  read_unit_text(text, "app.socket", unit);
  return unit;
}

HolderSocket socket_of(Transport transport, std::optional<IpAddress> address, std::uint16_t port) {
  HolderSocket socket = listener();
  socket.local = {transport, address, port};
  return socket;
}

HolderSocket named(Transport transport, std::string name) {
  HolderSocket socket = listener();
  socket.local = {transport, std::nullopt, std::nullopt, std::move(name)};
  return socket;
}

// Whether a unit with that one directive has the socket.
bool listens(const std::string& directive, const HolderSocket& socket) {
  return find_listen(unit_of("[Socket]\n" + directive + "\n"), socket) != nullptr;
}

const IpAddress kLoopback = ipv4(127, 0, 0, 1);
const IpAddress kAnyIpv4 = ipv4(0, 0, 0, 0);

TEST(SocketUnitText, HasAddressesOfItsSectionOnly) {
  const SocketUnit unit =
      unit_of("[Unit]\nListenStream=1\n[Socket]\n ListenStream = 80 \nListenStream=81\n[Install]\nListenStream=2\n");
  ASSERT_EQ(unit.listens.size(), 2U);
  EXPECT_EQ(unit.listens[0].value, "80");
  EXPECT_EQ(unit.listens[1].value, "81");
}

TEST(SocketUnitText, CommentsAreNoPartAndABackslashJoinsLines) {
  const SocketUnit unit = unit_of("[Socket]\n#ListenStream=1\n;ListenStream=2\nListenStream=\\\n# in between\n80\n");
  ASSERT_EQ(unit.listens.size(), 1U);
  EXPECT_EQ(unit.listens[0].value, "80");
}

TEST(SocketUnitText, AnEmptyValueTakesBackAllAddresses) {
  const SocketUnit unit = unit_of("[Socket]\nListenStream=80\nListenDatagram=81\nListenFIFO=\nListenStream=82\n");
  ASSERT_EQ(unit.listens.size(), 1U);
  EXPECT_EQ(unit.listens[0].value, "82");
}

TEST(SocketUnitText, ThatMakesNoSenseHasNoAddresses) {
  for (const char* text :
       {"", "\n", "=", "[Socket", "[Socket]\nListenStream", "ListenStream=80", "[Socket]\n\\", "\\"}) {
    EXPECT_TRUE(unit_of(text).listens.empty()) << text;
  }
}

TEST(SocketUnitText, SpecifiersOfTheNameAreReplaced) {
  const auto value = [](const char* name) {
    return unit_of("[Socket]\nListenStream=%t/%p-%i-%%.sock\n", name).listens.at(0).value;
  };
  EXPECT_EQ(value("app@1.socket"), "/run/app-1-%.sock");
  EXPECT_EQ(value("app.socket"), "/run/app--%.sock");
}

TEST(SocketUnitText, AnAddressWithAnotherSpecifierIsLeftOut) {
  EXPECT_TRUE(unit_of("[Socket]\nListenStream=/home/%u\nListenStream=%\n").listens.empty());
  EXPECT_TRUE(unit_of("[Socket]\nListenStream=%i\n", "app@.socket").listens.empty());
}

TEST(SocketUnitAddress, APortAloneIsTheWildcardOfEitherFamily) {
  EXPECT_TRUE(listens("ListenStream=80", socket_of(Transport::kTcp, ipv6_any(), 80)));
  EXPECT_TRUE(listens("ListenStream=80", socket_of(Transport::kTcp, kAnyIpv4, 80)));
  EXPECT_FALSE(listens("ListenStream=80", socket_of(Transport::kTcp, kLoopback, 80)));
  EXPECT_FALSE(listens("ListenStream=80", socket_of(Transport::kTcp, kAnyIpv4, 81)));
}

TEST(SocketUnitAddress, WithAnIpIsThatOne) {
  const IpAddress ipv6_loopback{Family::kIpv6, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
  EXPECT_TRUE(listens("ListenStream=127.0.0.1:80", socket_of(Transport::kTcp, kLoopback, 80)));
  EXPECT_FALSE(listens("ListenStream=127.0.0.1:80", socket_of(Transport::kTcp, kAnyIpv4, 80)));
  EXPECT_TRUE(listens("ListenStream=[::1]:80", socket_of(Transport::kTcp, ipv6_loopback, 80)));
  EXPECT_TRUE(listens("ListenStream=[::1]:80%%lo", socket_of(Transport::kTcp, ipv6_loopback, 80)));
  EXPECT_FALSE(listens("ListenStream=[::1]:80", socket_of(Transport::kTcp, ipv6_any(), 80)));
}

TEST(SocketUnitAddress, ThatMakesNoSenseIsNone) {
  for (const char* value : {":80", "127.0.0.1:", "[::1:80", "host:80", "65616", ":", "[]:80"}) {
    EXPECT_FALSE(listens(std::string("ListenStream=") + value, socket_of(Transport::kTcp, kLoopback, 80))) << value;
  }
}

TEST(SocketUnitAddress, IsOfItsProtocol) {
  EXPECT_FALSE(listens("ListenStream=80", socket_of(Transport::kUdp, kAnyIpv4, 80)));
  EXPECT_TRUE(listens("ListenDatagram=80", socket_of(Transport::kUdp, kAnyIpv4, 80)));
  EXPECT_FALSE(listens("ListenDatagram=80", socket_of(Transport::kUdplite, kAnyIpv4, 80)));
  EXPECT_TRUE(listens("SocketProtocol=udplite\nListenDatagram=80", socket_of(Transport::kUdplite, kAnyIpv4, 80)));
  EXPECT_FALSE(listens("SocketProtocol=udplite\nListenDatagram=80", socket_of(Transport::kUdp, kAnyIpv4, 80)));
  EXPECT_TRUE(listens("SocketProtocol=sctp\nListenStream=80", socket_of(Transport::kSctp, kAnyIpv4, 80)));
  EXPECT_FALSE(listens("ListenStream=80", socket_of(Transport::kSctp, kAnyIpv4, 80)));
}

TEST(SocketUnitAddress, MayBeAUnixPathOrName) {
  EXPECT_TRUE(listens("ListenStream=/run/app.sock", named(Transport::kUnix, "/run/app.sock")));
  EXPECT_TRUE(listens("ListenDatagram=/var/run/app.sock", named(Transport::kUnix, "/run/app.sock")));
  EXPECT_TRUE(listens("ListenSequentialPacket=@app", named(Transport::kUnix, "@app")));
  EXPECT_FALSE(listens("ListenStream=/run/app.sock", named(Transport::kUnix, "/run/app.socket")));
}

TEST(SocketUnitAddress, MayBeOfVsock) {
  EXPECT_TRUE(listens("ListenStream=vsock:2:1234", named(Transport::kVsock, "2:1234")));
  EXPECT_TRUE(listens("ListenStream=vsock::1234", named(Transport::kVsock, "4294967295:1234")));
  EXPECT_FALSE(listens("ListenStream=vsock::1234", named(Transport::kVsock, "2:1234")));
}

TEST(SocketUnitService, IsOfTheSameNameUnlessItSaysAnother) {
  EXPECT_EQ(service_of(unit_of("[Socket]\n")), "app.service");
  EXPECT_EQ(service_of(unit_of("[Socket]\nService=other.service\n")), "other.service");
  EXPECT_EQ(service_of(unit_of("[Socket]\nAccept=yes\n")), "app@.service");
  EXPECT_EQ(service_of(unit_of("[Socket]\n", "app@1.socket")), "app@1.service");
}

}  // namespace
}  // namespace bindtrace
