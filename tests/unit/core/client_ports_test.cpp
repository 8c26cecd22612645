// SPDX-License-Identifier: Apache-2.0
#include "core/client_ports.h"

#include <gtest/gtest.h>

namespace bindtrace {
namespace {

TEST(ClientPortsOfAHost, AreReadFromBothFiles) {
  EXPECT_EQ(parse_client_ports("32768\t60999\n", "\n"), (ClientPorts{32768, 60999, ""}));
  EXPECT_EQ(parse_client_ports("1 2", "8080,9000-9010\n"), (ClientPorts{1, 2, "8080,9000-9010"}));
}

TEST(ClientPortsOfAHost, AreNotKnownFromWhatIsNoRange) {
  for (const char* range : {"", "32768", "a b", "32768 70000", "1 2 3"}) {
    EXPECT_FALSE(parse_client_ports(range, "")) << range;
  }
  EXPECT_FALSE(parse_client_ports("1 2", "8080; rm -rf /")) << "it becomes part of a command";
}

TEST(ReservingCommand, KeepsWhatIsReserved) {
  EXPECT_EQ(reserving_command({1, 2, ""}, 8080), "sysctl -w net.ipv4.ip_local_reserved_ports=8080");
  EXPECT_EQ(reserving_command({1, 2, "53,90-99"}, 8080), "sysctl -w net.ipv4.ip_local_reserved_ports=53,90-99,8080");
}

TEST(ReservingCommand, IsRunInTheNamespace) {
  EXPECT_EQ(reserving_command({1, 2, "53", "/run/netns/blue"}, 8080),
            "nsenter --net=/run/netns/blue sysctl -w net.ipv4.ip_local_reserved_ports=53,8080");
}

}  // namespace
}  // namespace bindtrace
