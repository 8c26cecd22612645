// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "characters.h"
#include "core/diagnosis.h"
#include "golden.h"
#include "incidents.h"
#include "sink/render.h"

namespace bindtrace {
namespace {

using Json = nlohmann::ordered_json;
using Pointer = Json::json_pointer;

Json record_of(Incident incident) {
  incident.diagnosis = diagnose(incident);
  return Json::parse(render_json(incident));
}

TEST(JsonRecord, OfARestartIsComplete) {
  expect_golden("previous_instance.json", record_of(nginx_restart()).dump(2) + "\n");
}

TEST(JsonRecord, OfNothingKnownHasNullsOnly) {
  Incident incident = bare_incident();
  incident.host = nullptr;
  incident.tier.clear();
  incident.failure.request.endpoint = {};
  incident.failure.request.inode.reset();
  incident.failure.request.entry = Entry::kUnknown;
  incident.failure.request.netns = 0;
  incident.failure.walked = false;
  incident.failure.tid = 0;
  incident.victim = Process{};
  incident.victim.pid = 1234;
  incident.holder_status = HolderStatus::kSkipped;
  expect_golden("unknown.json", record_of(incident).dump(2) + "\n");
}

TEST(JsonRecord, TellsHowTheHolderWasToldToStop) {
  Incident incident = nginx_restart();
  incident.holders[0].stop = StopSignal{15, 412, false, Sender{1, "systemd"}};
  const Json expected = {{"pid", 811},
                         {"signal", "SIGTERM"},
                         {"ms_ago", 412},
                         {"ignored", false},
                         {"sender", {{"pid", 1}, {"comm", "systemd"}}}};
  EXPECT_EQ(record_of(incident).at(Pointer("/bindtrace/stop")), expected);
  incident.holders[0].socket.overlaps = false;
  EXPECT_TRUE(record_of(incident).at(Pointer("/bindtrace/stop/signal")).is_null()) << "it has no part in the failure";
}

// Section by section of the contract; a path that vanishes breaks its readers.
TEST(JsonRecord, HasEveryPathOfTheContract) {
  const Json record = record_of(nginx_restart());
  for (const char* path : {"/schema_version",
                           "/event/name",
                           "/event/id",
                           "/timestamp",
                           "/observed_timestamp",
                           "/severity",
                           "/message",
                           "/error/type",
                           "/network/transport",
                           "/network/type",
                           "/network/local/address",
                           "/network/local/port",
                           "/process/pid",
                           "/process/thread/id",
                           "/process/executable/name",
                           "/process/executable/path",
                           "/process/command_line",
                           "/process/parent_pid",
                           "/process/creation/time",
                           "/process/user/id",
                           "/process/linux/cgroup",
                           "/process/user/name",
                           "/process/vpid",
                           "/process/ancestors",
                           "/process/ancestors_cut",
                           "/process/program",
                           "/container/id",
                           "/container/name",
                           "/container/runtime",
                           "/k8s/pod/uid",
                           "/host/name",
                           "/host/id",
                           "/bindtrace/boot_id",
                           "/os/version",
                           "/service/version",
                           "/bindtrace/operation",
                           "/bindtrace/entry",
                           "/bindtrace/tier",
                           "/bindtrace/address_source",
                           "/bindtrace/socket/reuseaddr",
                           "/bindtrace/socket/reuseport",
                           "/bindtrace/socket/v6only",
                           "/bindtrace/socket/device",
                           "/bindtrace/socket/inode",
                           "/bindtrace/netns",
                           "/bindtrace/netns_name",
                           "/bindtrace/unit",
                           "/bindtrace/cause",
                           "/bindtrace/certainty",
                           "/bindtrace/evidence",
                           "/bindtrace/advice",
                           "/bindtrace/holder_status",
                           "/bindtrace/holder_reason",
                           "/bindtrace/holders",
                           "/bindtrace/observed_after_us",
                           "/bindtrace/stop/signal",
                           "/bindtrace/stop/ms_ago",
                           "/bindtrace/released_by",
                           "/bindtrace/sockets_on_port",
                           "/bindtrace/owners_found",
                           "/bindtrace/episode/id",
                           "/bindtrace/episode/attempt",
                           "/bindtrace/episode/repeat_count",
                           "/bindtrace/episode/first_seen",
                           "/bindtrace/released_after_ms"}) {
    EXPECT_TRUE(record.contains(Pointer(path))) << path;
  }
  for (const char* path : {"/pid",
                           "/comm",
                           "/fds",
                           "/executable",
                           "/user_id",
                           "/user_name",
                           "/vpid",
                           "/ancestors",
                           "/ancestors_cut",
                           "/start_time",
                           "/unit",
                           "/container_id",
                           "/bound_by/pid",
                           "/bound_by/comm",
                           "/bound_by/alive",
                           "/bound_by/ms_ago",
                           "/on_behalf_of/unit",
                           "/on_behalf_of/container_id",
                           "/on_behalf_of/container_name",
                           "/on_behalf_of/container_runtime",
                           "/on_behalf_of/proxy",
                           "/on_behalf_of/address",
                           "/source",
                           "/seen_after_us",
                           "/closed_since",
                           "/socket/inode",
                           "/socket/state",
                           "/socket/address",
                           "/socket/port",
                           "/socket/peer",
                           "/socket/reuseaddr",
                           "/socket/reuseport",
                           "/socket/v6only",
                           "/socket/blocking",
                           "/socket/rule",
                           "/socket/time_wait_ms_left"}) {
    EXPECT_TRUE(record["bindtrace"]["holders"][0].contains(Pointer(path))) << path;
  }
}

TEST(JsonRecord, TellsWhoStartedVictimAndHolder) {
  Incident incident = nginx_restart();
  incident.victim.lineage = Lineage{{{700, "bash"}, {512, "ss\xFFhd"}}, "the parent is gone"};
  incident.holders[0].process->lineage = Lineage{{{1, "systemd"}}, std::nullopt};
  const Json record = record_of(incident);
  EXPECT_EQ(record["process"]["ancestors"],
            Json::parse(R"([{"pid":700,"comm":"bash"},{"pid":512,"comm":"ss\ufffdhd"}])"));
  EXPECT_EQ(record["process"]["ancestors_cut"], "the parent is gone");
  const Json holder = record["bindtrace"]["holders"][0];
  EXPECT_EQ(holder["ancestors"], Json::parse(R"([{"pid":1,"comm":"systemd"}])"));
  EXPECT_TRUE(holder["ancestors_cut"].is_null());
}

TEST(JsonRecord, TellsWhenAHolderWasSeenAndThatItHasClosedTheSocket) {
  Incident incident = nginx_restart();
  incident.holders[0].seen_after_ns = 712'345;
  incident.holders[0].closed_since = true;
  incident.holders[0].process->vpid = 7;
  incident.holders[0].process->user = "root";
  const Json holder = record_of(incident)["bindtrace"]["holders"][0];
  EXPECT_EQ(holder["seen_after_us"], 712);
  EXPECT_EQ(holder["closed_since"], true);
  EXPECT_EQ(holder["vpid"], 7);
  EXPECT_EQ(holder["user_name"], "root");
}

TEST(JsonRecord, CountsAllOwnersThatTheKernelSaw) {
  Incident incident = nginx_restart();
  EXPECT_TRUE(record_of(incident)["bindtrace"]["owners_found"].is_null()) << "nobody looked";
  incident.failure.scan.status = ScanStatus::kComplete;
  incident.failure.scan.owners_found = 101;
  EXPECT_EQ(record_of(incident)["bindtrace"]["owners_found"], 101);
}

TEST(JsonRecord, APortOfZeroThatWasAskedForIsZero) {
  Incident incident = bare_incident();
  incident.failure.request.endpoint.port = 0;
  EXPECT_EQ(record_of(incident)["network"]["local"]["port"], 0);
}

TEST(JsonRecord, IsOneLineOfValidUtf8WhateverTheNamesHold) {
  Incident incident = nginx_restart();
  incident.victim.comm = "a\nb\xFF\x1B";
  incident.victim.place.unit = control_sequence_introducer() + right_to_left_override() + ".service";
  incident.holders[0].process->comm = std::string("\xED\xA0\x80\0", 4);
  incident.diagnosis = diagnose(incident);
  const std::string line = render_json(incident);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  EXPECT_EQ(line.find(control_sequence_introducer()), std::string::npos) << "a raw C1 control would reach a terminal";
  const Json record = Json::parse(line);
  EXPECT_EQ(record["process"]["executable"]["name"], "a\nb\xEF\xBF\xBD\x1B");
  EXPECT_EQ(record["bindtrace"]["unit"], control_sequence_introducer() + right_to_left_override() + ".service");
}

TEST(JsonRecord, HasNoCommandLineUnlessThereIsOneToShow) {
  EXPECT_TRUE(record_of(nginx_restart())["process"]["command_line"].is_null());
}

TEST(JsonRecord, TheSameFailureHasTheSameIdAndAnotherHasAnother) {
  Incident later = nginx_restart();
  later.failure.head.key.ktime_ns += 1;
  EXPECT_EQ(record_of(nginx_restart())["event"]["id"], record_of(nginx_restart())["event"]["id"]);
  EXPECT_NE(record_of(nginx_restart())["event"]["id"], record_of(later)["event"]["id"]);
}

TEST(JsonRecord, ASocketWithoutAProcessHasNullsForIt) {
  Incident incident = bare_incident();
  incident.holders = {holder(time_wait(41'300))};
  const Json entry = record_of(incident)["bindtrace"]["holders"][0];
  EXPECT_TRUE(entry["pid"].is_null());
  EXPECT_TRUE(entry["source"].is_null());
  EXPECT_EQ(entry["socket"]["time_wait_ms_left"], 41'300);
  EXPECT_EQ(entry["socket"]["peer"], "10.0.0.9:51514");
}

TEST(JsonRecord, SaysForWhomAHolderHasItsSocket) {
  Json entry = record_of(held_by_conmon())["bindtrace"]["holders"][0]["on_behalf_of"];
  EXPECT_EQ(entry["container_id"], std::string(64, 'a'));
  EXPECT_EQ(entry["container_name"], "web");
  EXPECT_EQ(entry["container_runtime"], "podman");
  EXPECT_EQ(entry["proxy"], "conmon");
  EXPECT_TRUE(entry["unit"].is_null());
  EXPECT_TRUE(entry["address"].is_null());
  entry = record_of(held_by_socket_unit())["bindtrace"]["holders"][0]["on_behalf_of"];
  EXPECT_EQ(entry["unit"], "app.socket");
  EXPECT_EQ(entry["proxy"], "systemd");
  EXPECT_TRUE(record_of(nginx_restart())["bindtrace"]["holders"][0]["on_behalf_of"]["proxy"].is_null());
}

TEST(JsonRecord, OfTheEndCarriesTheCounts) {
  const AgentStopped stopped{kFailureUnixNs, "fexit",   test_host(), {14, 9, 1, 2, 0, 2, 3}, 0,
                             false,          {5, 1, 0}, 0,           {{"file", 9, 1}}};
  expect_golden("agent_stopped.json", Json::parse(render_json(stopped)).dump(2) + "\n");
}

TEST(JsonRecord, OfTheStartNamesTheTier) {
  const Json record = Json::parse(render_json(AgentStarted{kFailureUnixNs, "tracepoint", test_host()}));
  EXPECT_EQ(record["event"]["name"], "bindtrace.agent.started");
  EXPECT_EQ(record["bindtrace"]["tier"], "tracepoint");
  EXPECT_EQ(record["timestamp"], "2026-11-22T11:20:01.123456789Z");
}

TEST(JsonRecord, OfLossCountsByReason) {
  const Json record = Json::parse(render_json(EventsLost{kFailureUnixNs, "fexit", test_host(), 5, 2, 3}));
  EXPECT_EQ(record["event"]["name"], "bindtrace.events.lost");
  EXPECT_EQ(record["bindtrace"]["lost"]["ring"], 5);
  EXPECT_EQ(record["bindtrace"]["lost"]["map"], 2);
  EXPECT_EQ(record["bindtrace"]["suppressed"], 3);
}

}  // namespace
}  // namespace bindtrace
