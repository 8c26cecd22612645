// SPDX-License-Identifier: Apache-2.0
// Which ports the kernel chooses for connections where the victim is, and by which file that place was entered.
#include "enrich/enricher.h"

#include <cstdint>
#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "enrichment.h"

namespace bindtrace {
namespace {

constexpr std::uint32_t kOurs = 4026531840;
constexpr std::uint32_t kTheirs = 4026532281;
constexpr std::uint32_t kAnother = 4026532300;

class EnrichedClientPorts : public EnricherTest {
 protected:
  EnrichedClientPorts() {
    set("32768\t60999\n", "9000\n");
    failure_.request.netns = kTheirs;
    failure_.bucket = Bucket{-1, -1, 0, false, std::nullopt};
    failure_.owners = {owner(task(811), {6})};
  }

  void set(std::string_view range, std::string_view reserved) {
    tree_.write("proc/sys/net/ipv4/ip_local_port_range", range);
    tree_.write("proc/sys/net/ipv4/ip_local_reserved_ports", reserved);
  }
  // There the files have other contents.
  Result<void> enter(const std::string& path, std::uint32_t inode, const std::function<void()>& work) {
    EXPECT_EQ(inode, kTheirs);
    entered_ = path;
    if (refuses_) {
      return fail(ErrorKind::kSystem, "Operation not permitted");
    }
    set("20000\t20010\n", "20005\n");
    work();
    set("32768\t60999\n", "9000\n");
    return {};
  }
  std::optional<ClientPorts> ports() {
    Enricher::Options all = options();
    all.own_netns = kOurs;
    all.in_netns = [this](const std::string& path, std::uint32_t inode, const std::function<void()>& work) {
      return enter(path, inode, work);
    };
    return Enricher(all).enrich(failure_).client_ports;
  }
  std::string file_of(std::uint32_t pid) { return (tree_.proc() / std::to_string(pid) / "ns/net").string(); }

  std::string entered_;
  bool refuses_ = false;
};

TEST_F(EnrichedClientPorts, OfOurOwnNamespaceAreReadAtOnce) {
  failure_.request.netns = kOurs;
  EXPECT_EQ(ports(), (ClientPorts{32768, 60999, "9000"}));
  EXPECT_EQ(entered_, "");
}

TEST_F(EnrichedClientPorts, OfAnotherAreReadThere) {
  tree_.add({.pid = 811, .netns = kTheirs});
  tree_.add({.pid = 1234, .start_ticks = 5000, .netns = kTheirs});
  EXPECT_EQ(ports(), (ClientPorts{20000, 20010, "20005", file_of(811)}))
      << "who has the connection outlives the victim";
}

TEST_F(EnrichedClientPorts, AreReadByTheVictimWhereTheHolderIsElsewhere) {
  tree_.add({.pid = 811, .netns = kAnother});
  tree_.add({.pid = 1234, .start_ticks = 5000, .netns = kTheirs});
  EXPECT_EQ(ports(), (ClientPorts{20000, 20010, "20005", file_of(1234)}));
}

TEST_F(EnrichedClientPorts, AreNotReadByALaterProcessWithThePid) {
  tree_.add({.pid = 811, .start_ticks = 9999, .netns = kTheirs});
  EXPECT_FALSE(ports());
  EXPECT_EQ(entered_, "");
}

TEST_F(EnrichedClientPorts, AreNotKnownWhereNobodyIsLeft) {
  EXPECT_FALSE(ports());
}

TEST_F(EnrichedClientPorts, AreNotKnownWhereWeMayNotEnter) {
  tree_.add({.pid = 811, .netns = kTheirs});
  refuses_ = true;
  EXPECT_FALSE(ports()) << "and never those of our own";
  EXPECT_EQ(entered_, file_of(811));
}

TEST_F(EnrichedClientPorts, AreLookedForWhereConnectionsHaveThePort) {
  tree_.add({.pid = 811, .netns = kTheirs});
  failure_.bucket = Bucket{};
  EXPECT_FALSE(ports());
  EXPECT_EQ(entered_, "");
}

}  // namespace
}  // namespace bindtrace
