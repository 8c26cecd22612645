// SPDX-License-Identifier: Apache-2.0
#include "cli/filter_options.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace bindtrace {
namespace {

Host test_host() {
  return {.uid_of = [](const std::string& user) { return user == "www-data" ? std::optional(33U) : std::nullopt; },
          .netns_at = [](const std::string& path) -> Result<std::uint32_t> {
            if (path == "/run/netns/blue" || path == "/proc/812/ns/net") {
              return 4026532000U;
            }
            return fail(ErrorKind::kSystem, "No such file or directory");
          }};
}

Filter converted(const TypedFilter& typed) {
  const auto filter = convert_filter(typed, test_host());
  EXPECT_TRUE(filter) << filter.error().message;
  return filter.value_or(Filter{});
}

std::string repeated(std::size_t count, const std::string& piece) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += piece;
  }
  return text;
}

// "1,2,...,count"
std::string numbers(int count) {
  std::string text = "1";
  for (int i = 2; i <= count; ++i) {
    text += "," + std::to_string(i);
  }
  return text;
}

TEST(FilterOptions, TakeListsAndRepetitionAsAlternatives) {
  EXPECT_EQ(converted({.pids = {"1,2", "4194304"}}).pids, (std::vector<std::uint32_t>{1, 2, 4194304}));
  EXPECT_EQ(converted({.comms = {"nginx", "a,b"}}).comms, (std::vector<std::string>{"nginx", "a,b"}));
  EXPECT_EQ(converted({.uids = {"0,www-data"}}).uids, (std::vector<std::uint32_t>{0, 33}));
  EXPECT_EQ(converted({.protocols = {"tcp,unix", "icmp"}}).transports,
            (std::vector{Transport::kTcp, Transport::kUnix, Transport::kIcmp}));
  EXPECT_EQ(converted({.ipv4 = true, .ipv6 = true}).families, (std::vector{Family::kIpv4, Family::kIpv6}));
}

TEST(FilterOptions, APortMayBeARangeAndZero) {
  EXPECT_EQ(converted({.ports = {"0,80,8000-8010", "65535-65535"}}).ports,
            (std::vector<PortRange>{{0, 0}, {80, 80}, {8000, 8010}, {65535, 65535}}));
}

TEST(FilterOptions, TheSameValueTwiceCountsOnce) {
  EXPECT_EQ(converted({.pids = {"7,7", "7"}}).pids.size(), 1U);
}

TEST(FilterOptions, ALongNameOfAProcessIsWhatTheKernelKeepsOfIt) {
  EXPECT_EQ(converted({.comms = {"a-name-of-21-letters"}}).comms.front(), "a-name-of-21-le");
}

TEST(FilterOptions, ACgroupIsANameOrAPath) {
  EXPECT_EQ(converted({.cgroups = {"nginx.service"}}).cgroups.front(), (CgroupPattern{false, {"nginx.service"}}));
  EXPECT_EQ(converted({.cgroups = {"/system.slice//nginx.service/"}}).cgroups.front(),
            (CgroupPattern{true, {"system.slice", "nginx.service"}}));
}

TEST(FilterOptions, AUnitWithoutSuffixIsAService) {
  EXPECT_EQ(converted({.units = {"nginx", "app.slice", "a.b", "session-3.scope"}}).units,
            (std::vector<std::string>{"nginx.service", "app.slice", "a.b.service", "session-3.scope"}));
}

TEST(FilterOptions, ANetworkNamespaceIsAnInodeANameOrAPath) {
  EXPECT_EQ(converted({.netns = {"4026531840", "blue"}}).netns, (std::vector<std::uint32_t>{4026531840U, 4026532000U}));
  EXPECT_EQ(converted({.netns = {"/proc/812/ns/net"}}).netns, (std::vector<std::uint32_t>{4026532000U}));
}

TEST(FilterOptions, AsManyValuesAsFitAreTaken) {
  EXPECT_EQ(converted({.pids = {numbers(16)}, .ports = {numbers(16)}}).ports.size(), 16U);
  EXPECT_EQ(converted({.cgroups = {repeated(8, "/" + std::string(95, 'x'))}}).cgroups.size(), 1U);
}

struct RefusedFilter {
  TypedFilter typed;
  std::string message;
};

class FilterError : public testing::TestWithParam<RefusedFilter> {};

TEST_P(FilterError, NamesInputAndRemedyOnOneLine) {
  const auto filter = convert_filter(GetParam().typed, test_host());
  ASSERT_FALSE(filter);
  EXPECT_EQ(filter.error().kind, ErrorKind::kUsage);
  EXPECT_EQ(filter.error().message, GetParam().message);
}

const std::string kNoPort = "is no port: give numbers from 0 to 65535 and ranges of them, as in 80,8000-8010";

INSTANTIATE_TEST_SUITE_P(
    Errors, FilterError,
    testing::Values(
        RefusedFilter{{.pids = {"1,x"}}, "--pid 'x' is no process id: give numbers from 1 to 4194304, as in 812,813"},
        RefusedFilter{{.pids = {"0"}}, "--pid '0' is no process id: give numbers from 1 to 4194304, as in 812,813"},
        RefusedFilter{{.pids = {""}}, "--pid '' is no process id: give numbers from 1 to 4194304, as in 812,813"},
        RefusedFilter{{.pids = {numbers(17)}},
                      "--pid has 17 values, but 16 fit: give fewer, or start one bindtrace more"},
        RefusedFilter{{.comms = {""}}, "--comm '' is no name: give that of a process, as ps -o comm shows it"},
        RefusedFilter{{.uids = {"nobody-here"}},
                      "--uid 'nobody-here' is no user here: give numbers or names of /etc/passwd, as in 33,www-data"},
        RefusedFilter{{.uids = {"4294967295"}},
                      "--uid '4294967295' is no user here: give numbers or names of /etc/passwd, as in 33,www-data"},
        RefusedFilter{{.uids = {"33,"}},
                      "--uid '' is no user here: give numbers or names of /etc/passwd, as in 33,www-data"},
        RefusedFilter{{.ports = {"80x"}}, "--port '80x' " + kNoPort},
        RefusedFilter{{.ports = {"65536"}}, "--port '65536' " + kNoPort},
        RefusedFilter{{.ports = {"80-"}}, "--port '80-' " + kNoPort},
        RefusedFilter{{.ports = {"-80"}}, "--port '-80' " + kNoPort},
        RefusedFilter{{.ports = {"80,,81"}}, "--port '' " + kNoPort},
        RefusedFilter{{.ports = {"90-80"}}, "--port '90-80' is an empty range: give the lower port first, 80-90"},
        RefusedFilter{{.protocols = {"tpc"}},
                      "--proto 'tpc' does not exist: use some of tcp, udp, udplite, icmp, mptcp, sctp, unix, netlink, "
                      "vsock"},
        RefusedFilter{{.cgroups = {"system.slice/nginx.service"}},
                      "--cgroup 'system.slice/nginx.service' is neither a name nor a path: give one name, as in "
                      "nginx.service, or begin with / at the root"},
        RefusedFilter{{.cgroups = {""}},
                      "--cgroup '' is neither a name nor a path: give one name, as in nginx.service, or begin with / "
                      "at the root"},
        RefusedFilter{{.cgroups = {"/"}},
                      "--cgroup '/' is where all processes are: leave it out, or name what is below it"},
        RefusedFilter{{.cgroups = {"/a/../b"}},
                      "--cgroup '/a/../b' has . or .. in it: write the path without them, as in /proc/PID/cgroup"},
        RefusedFilter{{.cgroups = {"/1/2/3/4/5/6/7/8/9"}},
                      "--cgroup '/1/2/3/4/5/6/7/8/9' is too deep: 8 names fit, use a cgroup above it, or its name "
                      "alone"},
        RefusedFilter{
            {.cgroups = {"/a/" + std::string(96, 'x')}},
            "--cgroup '/a/" + std::string(96, 'x') + "' has too long a name: 95 bytes fit, use a cgroup above it"},
        RefusedFilter{{.cgroups = {"/1/a/b/c/d/e/f/g", "/2/a/b/c/d/e/f/g", "/3/a/b/c/d/e/f/g", "/4/a/b/c/d/e/f/g"},
                       .units = {"nginx"}},
                      "--cgroup and --unit have 33 names in all, but 32 fit: use shorter paths, or names alone"},
        RefusedFilter{{.netns = {"green"}},
                      "--netns 'green' is no network namespace (No such file or directory): give a name of `ip netns`, "
                      "an inode number, or a path as in /proc/812/ns/net"},
        RefusedFilter{{.netns = {"0"}},
                      "--netns '0' is no network namespace (No such file or directory): give a name of `ip netns`, an "
                      "inode number, or a path as in /proc/812/ns/net"},
        RefusedFilter{{.units = {"a/b"}},
                      "--unit 'a/b' is no unit: give its name alone, as in nginx.service, or a path with --cgroup"},
        RefusedFilter{{.units = {std::string(90, 'x')}},
                      "--unit '" + std::string(90, 'x') +
                          "' is too long: 95 bytes fit, use a name with --cgroup that is above it"},
        RefusedFilter{{.ports = {"80"}, .protocols = {"unix"}},
                      "--proto unix has no port that --port can name: leave one of the two out"},
        RefusedFilter{{.protocols = {"netlink"}, .ipv4 = true},
                      "--proto netlink has no IPv4 or IPv6 address: leave one of the two out"}));

}  // namespace
}  // namespace bindtrace
