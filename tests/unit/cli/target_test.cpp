// SPDX-License-Identifier: Apache-2.0
#include "cli/target.h"

#include <string>

#include <gtest/gtest.h>

namespace bindtrace {
namespace {

// "tcp ?:80": any address.
std::string read(const std::string& text) {
  const auto target = parse_target(text);
  return target ? to_string(*target) : "error: " + target.error().message;
}

TEST(Target, IsAPortOfAnyAddress) {
  EXPECT_EQ(read("80"), "tcp ?:80");
  EXPECT_EQ(read("*:80"), "tcp ?:80");
  EXPECT_EQ(read("65535/udp"), "udp ?:65535");
}

TEST(Target, IsAnAddressWithAPort) {
  EXPECT_EQ(read("127.0.0.1:80"), "tcp 127.0.0.1:80");
  EXPECT_EQ(read("0.0.0.0:53/udp"), "udp 0.0.0.0:53");
  EXPECT_EQ(read("[::1]:80"), "tcp [::1]:80");
  EXPECT_EQ(read("[::ffff:127.0.0.1]:80/sctp"), "sctp [::ffff:127.0.0.1]:80");
}

TEST(Target, IsAUnixAddress) {
  EXPECT_EQ(read("/run/app.sock"), "unix /run/app.sock");
  EXPECT_EQ(read("./app.sock"), "unix ./app.sock");
  EXPECT_EQ(read("@app"), "unix @app");
  EXPECT_EQ(read("/80/udp"), "unix /80/udp");
}

TEST(Target, ThatIsNoneIsRefusedInOneLineWithTheRemedy) {
  const std::string forms = ": give PORT, ADDRESS:PORT, PORT/udp, a /PATH or an @abstract name";
  EXPECT_EQ(read("http"), "error: 'http' has no port from 1 to 65535" + forms);
  EXPECT_EQ(read("0"), "error: '0' has no port from 1 to 65535" + forms);
  EXPECT_EQ(read("65536"), "error: '65536' has no port from 1 to 65535" + forms);
  EXPECT_EQ(read(""), "error: '' has no port from 1 to 65535" + forms);
  EXPECT_EQ(read("localhost:80"), "error: 'localhost:80' has no numeric address, an IPv6 one in brackets" + forms);
  EXPECT_EQ(read("::1:80"), "error: '::1:80' has no numeric address, an IPv6 one in brackets" + forms);
  EXPECT_EQ(read("[127.0.0.1]:80"), "error: '[127.0.0.1]:80' has no numeric address, an IPv6 one in brackets" + forms);
  EXPECT_EQ(read("80/http"),
            "error: '80/http' names no protocol that can be asked for (tcp, udp, udplite, sctp)" + forms);
  EXPECT_EQ(read("@"), "error: '@' is no name" + forms);
  EXPECT_NE(read('/' + std::string(200, 'a')).find("too long for a unix address, which has 107 bytes at most"),
            std::string::npos);
}

}  // namespace
}  // namespace bindtrace
