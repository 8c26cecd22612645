// SPDX-License-Identifier: Apache-2.0
#include "sink/occupancy.h"

#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "golden.h"
#include "incidents.h"

namespace bindtrace {
namespace {

// Port 80 of any address, held by nginx, and another listener apart.
Occupancy port_of_nginx() {
  Occupancy occupancy;
  occupancy.asked = {Transport::kTcp, std::nullopt, 80};
  occupancy.found = nginx_restart();
  HolderSocket apart = listener();
  apart.local.address = ipv4(10, 0, 0, 1);
  apart.overlaps = false;
  occupancy.found.holders.push_back(holder(apart, process(77, "other", "/usr/bin/other", kSecond)));
  occupancy.outlooks = {{{Transport::kTcp, ipv4(0, 0, 0, 0), 80}, Prospect::kInUse, Prospect::kInUse},
                        {{Transport::kTcp, ipv6_any(), 80}, Prospect::kInUse, Prospect::kFree}};
  return occupancy;
}

Occupancy free_port() {
  Occupancy occupancy;
  occupancy.asked = {Transport::kTcp, ipv4(127, 0, 0, 1), 80};
  occupancy.found = bare_incident();
  occupancy.outlooks = {{occupancy.asked, Prospect::kFree, Prospect::kFree}};
  return occupancy;
}

Occupancy stale_path() {
  Occupancy occupancy;
  occupancy.asked = {Transport::kUnix, std::nullopt, std::nullopt, "/run/a\npp.sock"};
  occupancy.found = bare_incident();
  occupancy.found.failure.walked = false;
  occupancy.found.failure.request.endpoint = occupancy.asked;
  occupancy.found.path_file = PathFile::kSocket;
  occupancy.found.holder_reason = "the file is there, but no process has the socket that made it";
  occupancy.outlooks = {{occupancy.asked, Prospect::kInUse, std::nullopt}};
  return occupancy;
}

TEST(OccupancyText, OfAPortSaysWhoHasItAndWhatABindWouldCome) {
  expect_golden("who_port.txt", render_occupancy_text(port_of_nginx(), false));
}

TEST(OccupancyText, OfAFreeAddress) {
  EXPECT_EQ(render_occupancy_text(free_port(), false),
            "tcp 127.0.0.1:80: free\n"
            "  held by     nobody\n"
            "  a bind      of 127.0.0.1:80 would succeed\n");
}

TEST(OccupancyText, OfAPathThatNobodyServes) {
  EXPECT_EQ(render_occupancy_text(stale_path(), false),
            "unix /run/a\\x0app.sock: in use\n"
            "  held by     nobody\n"
            "  note        the file is there, but no process has the socket that made it\n"
            "  a bind      of /run/a\\x0app.sock would be refused until the file is removed\n");
}

TEST(OccupancyText, NamesTheNamespaceWhereItIsNotOurs) {
  Occupancy occupancy = free_port();
  occupancy.found.in_other_netns = true;
  EXPECT_EQ(render_occupancy_text(occupancy, false).find("tcp 127.0.0.1:80 in network namespace 4026531840: free\n"),
            0U);
  occupancy.found.netns_name = "blue";
  EXPECT_EQ(render_occupancy_text(occupancy, false).find("tcp 127.0.0.1:80 in network namespace blue: free\n"), 0U);
}

TEST(OccupancyJson, OfAPortHasItsHoldersAndBinds) {
  expect_golden("who_port.json", nlohmann::ordered_json::parse(render_occupancy_json(port_of_nginx())).dump(2) + '\n');
}

TEST(OccupancyJson, IsOneLineOfUtf8) {
  const std::string line = render_occupancy_json(stale_path());
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  const auto record = nlohmann::json::parse(line);
  EXPECT_EQ(record.at("bindtrace").at("state"), "in_use");
  EXPECT_TRUE(record.at("bindtrace").at("binds").at(0).at("reuseaddr").is_null());
  EXPECT_EQ(record.at("network").at("local").at("address"), "/run/a\npp.sock");
}

}  // namespace
}  // namespace bindtrace
