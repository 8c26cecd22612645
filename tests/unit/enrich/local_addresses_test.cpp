// SPDX-License-Identifier: Apache-2.0
#include "enrich/local_addresses.h"

#include <gtest/gtest.h>

#include "enrich/proxy_arguments.h"

namespace bindtrace {
namespace {

constexpr std::string_view kFibTrie = R"(Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 172.17.0.0/16 2 0 2
        |-- 172.17.0.0
           /16 link UNICAST
        |-- 172.17.0.2
           /32 host LOCAL
        |-- 172.17.255.255
           /32 link BROADCAST
        |-- 172.17.0.9
           /32 universe UNICAST
           /32 host LOCAL
)";

bool has_ipv4(const char* address) {
  return fib_trie_has_local(kFibTrie, *parse_ip(address));
}

TEST(FibTrie, ListsTheLocalAddressesAmongOthers) {
  EXPECT_TRUE(has_ipv4("172.17.0.2"));
  EXPECT_TRUE(has_ipv4("172.17.0.9"));
}

TEST(FibTrie, ARouteOrABroadcastAddressIsNotLocal) {
  EXPECT_FALSE(has_ipv4("172.17.0.0"));
  EXPECT_FALSE(has_ipv4("172.17.255.255"));
}

TEST(FibTrie, APartOfAnAddressIsAnother) {
  EXPECT_FALSE(has_ipv4("72.17.0.2"));
  EXPECT_FALSE(has_ipv4("172.17.0.20"));
}

TEST(FibTrie, WithoutItsEndOrOfAnotherFamilySaysNothing) {
  EXPECT_FALSE(fib_trie_has_local("|-- 10.0.0.1", *parse_ip("10.0.0.1")));
  EXPECT_FALSE(fib_trie_has_local("", *parse_ip("10.0.0.1")));
  EXPECT_FALSE(fib_trie_has_local(kFibTrie, *parse_ip("::1")));
}

TEST(IfInet6, ListsTheLocalAddresses) {
  constexpr std::string_view kText =
      "00000000000000000000000000000001 01 80 10 80       lo\n"
      "fd000000000000000000000000000002 02 40 00 80     eth0\n";
  EXPECT_TRUE(if_inet6_has(kText, *parse_ip("fd00::2")));
  EXPECT_TRUE(if_inet6_has(kText, *parse_ip("::1")));
  EXPECT_FALSE(if_inet6_has(kText, *parse_ip("fd00::3")));
  EXPECT_FALSE(if_inet6_has(kText, *parse_ip("0.0.0.1")));
  EXPECT_FALSE(if_inet6_has("", *parse_ip("::1")));
}

}  // namespace
}  // namespace bindtrace
