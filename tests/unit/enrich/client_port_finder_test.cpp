// SPDX-License-Identifier: Apache-2.0
#include "enrich/client_port_finder.h"

#include <string>

#include <gtest/gtest.h>

#include "proc_tree.h"

namespace bindtrace {
namespace {

class FoundClientPorts : public testing::Test {
 protected:
  void write(std::string_view range, std::string_view reserved) {
    tree_.write("proc/sys/net/ipv4/ip_local_port_range", range);
    tree_.write("proc/sys/net/ipv4/ip_local_reserved_ports", reserved);
  }
  std::optional<ClientPorts> find() { return find_client_ports(tree_.proc()); }

  ProcTree tree_;
};

TEST_F(FoundClientPorts, AreTheRangeAndWhatIsReservedInIt) {
  write("32768\t60999\n", "8080,9000-9010\n");
  EXPECT_EQ(find(), (ClientPorts{32768, 60999, "8080,9000-9010"}));
  write("32768\t60999\n", "\n");
  EXPECT_EQ(find(), (ClientPorts{32768, 60999, ""}));
}

TEST_F(FoundClientPorts, AreAsManyAsThereAre) {
  std::string reserved = "10001";
  for (int port = 10003; port < 14000; port += 2) {
    reserved += "," + std::to_string(port);
  }
  write("1024\t60999\n", reserved + "\n");
  EXPECT_EQ(find(), (ClientPorts{1024, 60999, reserved}));
}

TEST_F(FoundClientPorts, AreNotKnownFromPartOfAList) {
  write("32768\t60999\n", "8080,90");
  EXPECT_FALSE(find()) << "who reserves this loses the rest";
}

TEST_F(FoundClientPorts, AreNotKnownWhereTheFilesAreHidden) {
  EXPECT_FALSE(find());
}

}  // namespace
}  // namespace bindtrace
