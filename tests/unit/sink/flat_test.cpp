// SPDX-License-Identifier: Apache-2.0
#include "sink/flat.h"

#include <algorithm>
#include <optional>
#include <set>

#include <gtest/gtest.h>

#include "incidents.h"
#include "sink/json_head.h"

namespace bindtrace {
namespace {

using Texts = std::vector<std::string>;

std::optional<FlatValue> value_of(const std::vector<Attribute>& attributes, const std::string& name) {
  const auto found =
      std::find_if(attributes.begin(), attributes.end(), [&name](const Attribute& each) { return each.name == name; });
  return found == attributes.end() ? std::nullopt : std::optional(found->value);
}

std::vector<Attribute> attributes_of(const Incident& incident) {
  return flatten(record_of(incident)).attributes;
}

TEST(FlatRecord, HasTheNamesOfTheJsonRecordWithDots) {
  const auto attributes = attributes_of(nginx_restart());
  EXPECT_EQ(value_of(attributes, "event.name"), FlatValue("bindtrace.bind.conflict"));
  EXPECT_EQ(value_of(attributes, "network.local.port"), FlatValue(std::int64_t{80}));
  EXPECT_EQ(value_of(attributes, "bindtrace.socket.reuseaddr"), FlatValue(false));
  EXPECT_EQ(value_of(attributes, "error.type"), FlatValue("EADDRINUSE"));
}

TEST(FlatRecord, LeavesOutWhatIsNotKnown) {
  EXPECT_EQ(value_of(attributes_of(nginx_restart()), "process.command_line"), std::nullopt);
}

TEST(FlatRecord, LeavesOutWhatALogRecordHasFieldsFor) {
  const auto attributes = attributes_of(nginx_restart());
  for (const char* name : {"timestamp", "observed_timestamp", "severity", "message"}) {
    EXPECT_EQ(value_of(attributes, name), std::nullopt) << name;
  }
}

TEST(FlatRecord, KeepsTheMachineApart) {
  const FlatRecord flat = flatten(record_of(nginx_restart()));
  std::set<std::string> names;
  for (const Attribute& attribute : flat.resource) {
    names.insert(attribute.name);
    EXPECT_EQ(value_of(flat.attributes, attribute.name), std::nullopt);
  }
  EXPECT_EQ(names,
            (std::set<std::string>{"host.name", "host.id", "os.version", "service.version", "bindtrace.boot_id"}));
}

TEST(FlatRecord, HasTheFirstHolderThatBlocks) {
  Incident incident = nginx_restart();
  incident.holders.insert(incident.holders.begin(), holder(time_wait(100)));
  incident.holders[0].blocking = false;
  incident.holders[1].blocking = true;
  const auto attributes = attributes_of(incident);
  EXPECT_EQ(value_of(attributes, "bindtrace.holder.pid"), FlatValue(std::int64_t{811}));
  EXPECT_EQ(value_of(attributes, "bindtrace.holder.socket.state"), FlatValue("LISTEN"));
  EXPECT_EQ(value_of(attributes, "bindtrace.holder.count"), FlatValue(std::int64_t{2}));
}

TEST(FlatRecord, HasTheFirstHolderWhereNoneIsKnownToBlock) {
  Incident incident = nginx_restart();
  incident.holders[0].blocking.reset();
  incident.holders.push_back(holder(time_wait(100)));
  EXPECT_EQ(value_of(attributes_of(incident), "bindtrace.holder.pid"), FlatValue(std::int64_t{811}));
}

TEST(FlatRecord, CountsNoHolderAsNone) {
  const auto attributes = attributes_of(bare_incident());
  EXPECT_EQ(value_of(attributes, "bindtrace.holder.count"), FlatValue(std::int64_t{0}));
  EXPECT_EQ(value_of(attributes, "bindtrace.holder.pid"), std::nullopt);
}

TEST(FlatRecord, MakesTextsOfArrays) {
  Json record;
  record["bindtrace"]["holders"] = Json::array();
  record["fds"] = {6, 7};
  record["evidence"] = {"both run nginx"};
  record["ancestors"] = Json::array({{{"pid", 1}, {"comm", "systemd"}}});
  const auto attributes = flatten(record).attributes;
  EXPECT_EQ(value_of(attributes, "fds"), FlatValue(Texts{"6", "7"}));
  EXPECT_EQ(value_of(attributes, "evidence"), FlatValue(Texts{"both run nginx"}));
  EXPECT_EQ(value_of(attributes, "ancestors"), FlatValue(Texts{R"({"pid":1,"comm":"systemd"})"}));
}

TEST(FlatRecord, WritesWhatNoIntegerHoldsAsText) {
  Json record;
  record["large"] = std::uint64_t{18'446'744'073'709'551'615U};
  record["half"] = 0.5;
  const auto attributes = flatten(record).attributes;
  EXPECT_EQ(value_of(attributes, "large"), FlatValue("18446744073709551615"));
  EXPECT_EQ(value_of(attributes, "half"), FlatValue(0.5));
}

// A store that keeps objects could not take both.
TEST(FlatRecord, NoNameIsBothAValueAndAPrefix) {
  std::set<std::string> names;
  for (const Attribute& attribute : attributes_of(nginx_restart())) {
    EXPECT_TRUE(names.insert(attribute.name).second) << attribute.name;
  }
  for (const std::string& name : names) {
    const auto next = names.lower_bound(name + '.');
    EXPECT_FALSE(next != names.end() && next->starts_with(name + '.')) << name;
  }
}

}  // namespace
}  // namespace bindtrace
