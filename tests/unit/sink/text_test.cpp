// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <gtest/gtest.h>

#include "characters.h"
#include "core/diagnosis.h"
#include "golden.h"
#include "incidents.h"
#include "sink/render.h"

namespace bindtrace {
namespace {

std::string block(Incident incident, bool colour = false) {
  incident.diagnosis = diagnose(incident);
  return render_text(incident, colour);
}

TEST(TextBlock, TellsARestartAsAStory) {
  expect_golden("previous_instance.txt", block(nginx_restart()));
}

TEST(TextBlock, HasColoursWhereTheyAreWanted) {
  expect_golden("previous_instance_colour.txt", block(nginx_restart(), true));
}

TEST(TextBlock, TellsOfTheSameProcess) {
  Incident incident = bare_incident();
  incident.victim = process(1234, "python3", "/usr/bin/python3.11", kSecond);
  incident.victim.program = program_of("/usr/bin/python3.11", {}, std::nullopt,
                                       std::vector<std::string>{"python3", "/srv/server.py"}, std::nullopt);
  incident.victim.uid = 33;
  incident.victim.user = "www-data";
  incident.holders = {holder(listener(), incident.victim)};
  incident.holders[0].socket.local.address = ipv6_any();
  expect_golden("same_process.txt", block(incident));
}

TEST(TextBlock, TellsOfAnotherProgramInAContainer) {
  Incident incident = nginx_restart();
  Process& holder = *incident.holders[0].process;
  holder = process(900, "haproxy", "/usr/sbin/haproxy", 3UL * 24 * 3600 * kSecond);
  holder.uid = 99;
  holder.place = {"docker-" + std::string(64, 'a') + ".scope", {}, std::string(64, 'a'), "docker", {}};
  expect_golden("other_program.txt", block(incident));
}

TEST(TextBlock, TellsForWhichUnitSystemdHasTheSocket) {
  expect_golden("socket_unit.txt", block(held_by_socket_unit()));
}

TEST(TextBlock, TellsWhoseContainersPortItIs) {
  expect_golden("container_port.txt", block(held_by_conmon()));
}

TEST(TextBlock, TellsTheAddressBehindAPublishedPort) {
  Incident incident = held_by_conmon();
  incident.holders[0].on_behalf->address = "172.17.0.2:80";
  EXPECT_NE(block(incident).find("for podman container aaaaaaaaaaaa (web), to 172.17.0.2:80, LISTEN 0.0.0.0:80"),
            std::string::npos);
}

TEST(TextBlock, TellsOfTimeWait) {
  Incident incident = bare_incident();
  incident.holders = {holder(time_wait(12'000)), holder(time_wait(41'300))};
  incident.holder_status = HolderStatus::kNone;
  incident.holder_reason = "TIME_WAIT: the kernel keeps the address of a closed connection, no process does";
  expect_golden("time_wait.txt", block(incident));
}

TEST(TextBlock, CountsAllInTimeWaitNotTheSample) {
  Incident incident = bare_incident();
  incident.holders = {holder(time_wait(12'000)), holder(time_wait(41'300))};
  incident.failure.sockets_cut = true;
  incident.failure.socket_count = 50;
  incident.failure.by_state = {{SocketState::kTimeWait, 50}};
  EXPECT_NE(block(incident).find("with 10.0.0.9:51514 and 49 more like it"), std::string::npos);
}

TEST(TextBlock, ASocketInFlightIsHeldByNoUnknownProcess) {
  Incident incident = bare_incident();
  incident.holders = {holder(listener())};
  incident.holder_status = HolderStatus::kNone;
  EXPECT_NE(block(incident).find("held by     no process by a descriptor: LISTEN 0.0.0.0:80"), std::string::npos);
  incident.holder_status = HolderStatus::kSkipped;
  EXPECT_NE(block(incident).find("held by     a process that is not known: LISTEN 0.0.0.0:80"), std::string::npos);
}

Lineage shell_of(std::uint32_t last) {
  Lineage lineage;
  for (std::uint32_t pid = last; pid > 500; --pid) {
    lineage.ancestors.push_back({pid, "bash"});
  }
  lineage.ancestors.push_back({1, "systemd"});
  return lineage;
}

TEST(TextBlock, TellsWhoStartedAProcessOfNoService) {
  Incident incident = nginx_restart();
  incident.victim.place = {};
  incident.victim.lineage = shell_of(502);
  incident.holders[0].process->lineage = shell_of(502);
  const std::string text = block(incident);
  const std::string words = ", started by bash[501] > bash[502]\n";
  EXPECT_NE(text.find(words), std::string::npos) << text;
  EXPECT_EQ(text.find(words), text.rfind(words)) << "not of the service\n" << text;
}

TEST(TextBlock, ShortensWhoStartedAProcess) {
  Incident incident = bare_incident();
  incident.victim.lineage = shell_of(508);
  EXPECT_NE(block(incident).find("started by bash[501] > ... > bash[506] > bash[507] > bash[508]\n"),
            std::string::npos);
}

TEST(TextBlock, TellsNothingOfAChildOfTheFirstProcess) {
  Incident incident = bare_incident();
  incident.victim.lineage = shell_of(500);
  EXPECT_EQ(block(incident).find("started by"), std::string::npos);
}

TEST(TextBlock, NamesTheNetworkNamespaceWhereItIsNotOurs) {
  Incident incident = nginx_restart();
  incident.netns_name = "blue";
  EXPECT_EQ(block(incident).find("netns"), std::string::npos);
  incident.in_other_netns = true;
  EXPECT_NE(block(incident).find("  nginx.service, in netns blue, started "), std::string::npos) << block(incident);
  incident.netns_name.reset();
  EXPECT_NE(block(incident).find(", in netns 4026531840, "), std::string::npos);
}

TEST(TextBlock, SaysThatTheHolderHasClosedTheSocketSince) {
  Incident incident = nginx_restart();
  incident.holders[0].closed_since = true;
  EXPECT_NE(block(incident).find("(22 min ago), has closed it since\n"), std::string::npos) << block(incident);
}

TEST(TextBlock, SaysWhatIsNotKnown) {
  Incident incident = bare_incident();
  incident.failure.request.operation = Operation::kListen;
  incident.holder_status = HolderStatus::kGone;
  incident.holder_reason = "nothing was on the port any more when the kernel was asked, microseconds later";
  expect_golden("unknown.txt", block(incident));
}

TEST(TextBlock, ShowsFourHoldersAndCountsTheRest) {
  Incident incident = nginx_restart();
  for (std::uint32_t pid = 820; pid < 826; ++pid) {
    incident.holders.push_back(holder(listener(), process(pid, "nginx", "/usr/sbin/nginx", 60 * kSecond)));
    incident.holders.back().process->place.unit = "nginx.service";
  }
  incident.holders[0].process->alive = false;
  incident.holders[1].fds = {6, 7, 8, 9, 10};
  expect_golden("many_holders.txt", block(incident));
}

TEST(TextBlock, CountsOwnersWhoseRecordsDidNotFit) {
  Incident incident = nginx_restart();
  incident.failure.scan.owners_found = 101;
  incident.failure.owners.resize(16);
  EXPECT_NE(block(incident).find("and 85 more\n"), std::string::npos);
}

TEST(TextBlock, NamesAProcessWithTwoSocketsOnce) {
  Incident incident = nginx_restart();
  incident.holders.push_back(incident.holders[0]);
  EXPECT_EQ(block(incident), block(nginx_restart()));
}

TEST(TextBlock, SaysWhenTheHolderBoundTheSocket) {
  Incident incident = nginx_restart();
  const Process& nginx = *incident.holders[0].process;
  incident.holders[0].bound_by = BoundBy{nginx.pid, nginx.start_boottime_ns, "nginx", true, 22 * 60'000};
  EXPECT_NE(block(incident).find("(22 min ago)\n"), std::string::npos) << block(incident);
  EXPECT_NE(block(incident).find(", bound "), std::string::npos);
  EXPECT_EQ(block(incident).find(", started ", block(incident).find("held by")), std::string::npos);
}

TEST(TextBlock, NamesAnotherThatBoundTheSocket) {
  Incident incident = nginx_restart();
  incident.holders[0].bound_by = BoundBy{77, 5, "master", false, 1000};
  EXPECT_NE(block(incident).find(", bound by master[77], which has exited\n"), std::string::npos) << block(incident);
  incident.holders[0].bound_by->ms_ago = std::nullopt;
  incident.holders[0].bound_by->alive = true;
  EXPECT_NE(block(incident).find(", when bindtrace started it was with master[77]\n"), std::string::npos);
}

TEST(TextBlock, LeavesOutSocketsThatCannotRefuse) {
  Incident incident = nginx_restart();
  HolderSocket elsewhere = listener();
  elsewhere.overlaps = false;
  incident.holders.push_back(holder(elsewhere, process(5, "other", "/o", kSecond)));
  EXPECT_EQ(block(incident).find("other[5]"), std::string::npos);
}

TEST(TextBlock, LetsNoNameFromOutsideMoveTheTerminal) {
  Incident incident = nginx_restart();
  incident.victim.comm = "\x1B[2J\nx";
  incident.victim.place = {};
  incident.holders[0].process->comm = right_to_left_override() + "gnp";
  incident.holders[0].process->place.unit = "a\nheld by b.service";
  const std::string text = block(incident);
  EXPECT_EQ(text.find('\x1B'), std::string::npos);
  EXPECT_EQ(text.find(right_to_left_override()), std::string::npos);
  EXPECT_NE(text.find("\\x1b[2J\\x0ax[1234]"), std::string::npos);
  EXPECT_NE(text.find("a\\x0aheld by b.service"), std::string::npos);
}

TEST(TextBlock, ShowsCommandLinesWhereTheyWereAskedFor) {
  Incident incident = nginx_restart();
  incident.victim.command_line = "nginx -g 'daemon off;'";
  EXPECT_NE(block(incident).find("command: nginx -g 'daemon off;'"), std::string::npos);
}

TEST(TextBlock, OfAgentRecordsThereIsNone) {
  EXPECT_EQ(render_text(AgentStarted{}, false), "");
  EXPECT_EQ(render_text(AgentStopped{}, false), "");
}

}  // namespace
}  // namespace bindtrace
