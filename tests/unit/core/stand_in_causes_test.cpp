// SPDX-License-Identifier: Apache-2.0
#include "core/diagnosis.h"

#include <string>

#include <gtest/gtest.h>

#include "incidents.h"

namespace bindtrace {
namespace {

TEST(SocketUnit, IsTheCauseWhereSystemdHoldsTheSocket) {
  const Incident incident = held_by_socket_unit();
  expect_cause(incident, Cause::kSocketUnit, Certainty::kCertain);
  const Diagnosis diagnosis = diagnose(incident);
  EXPECT_EQ(diagnosis.summary, "systemd holds it for app.socket, which starts app.service");
  EXPECT_TRUE(any_contains(diagnosis.advice, "systemctl stop app.socket frees it"));
  EXPECT_TRUE(any_contains(diagnosis.evidence, "app.socket has ListenStream=80"));
}

TEST(SocketUnit, TellsItsOwnServiceToTakeTheSocket) {
  Incident incident = held_by_socket_unit();
  incident.victim.place.unit = "app.service";
  EXPECT_EQ(diagnose(incident).summary,
            "systemd holds it for app.socket, to hand it to this very service, app.service");
  EXPECT_TRUE(any_contains(diagnose(incident).advice, "have app.service take the socket"));
  EXPECT_TRUE(any_contains(diagnose(incident).advice, "or systemctl stop app.socket"));
}

TEST(SocketUnit, IsTheCauseAlsoWhereItsServiceWasHandedTheSocketAndBindsAnother) {
  Incident incident = held_by_socket_unit();
  incident.victim.place.unit = "app.service";
  incident.holders.push_back(holder(incident.holders[0].socket, incident.victim));
  expect_cause(incident, Cause::kSocketUnit, Certainty::kCertain);
  const Diagnosis diagnosis = diagnose(incident);
  EXPECT_TRUE(any_contains(diagnosis.evidence, "nginx[1234] has that socket itself, handed over at its start"));
  EXPECT_TRUE(any_contains(diagnosis.advice, "or systemctl stop app.socket frees it"));
}

TEST(SocketUnit, IsNotTheCauseWhereSystemdItselfBindsTwice) {
  Incident incident = held_by_socket_unit();
  incident.victim = *incident.holders[0].process;
  expect_cause(incident, Cause::kSameProcess, Certainty::kCertain);
  EXPECT_TRUE(any_contains(diagnose(incident).evidence, "also: systemd holds it for app.socket"));
}

TEST(SocketUnit, KnowsTheInstancesOfItsService) {
  Incident incident = held_by_socket_unit();
  incident.holders[0].on_behalf->service = "app@.service";
  incident.victim.place.unit = "app@7.service";
  EXPECT_TRUE(diagnose(incident).summary.ends_with("to hand it to this very service, app@7.service"));
  incident.victim.place.unit = "apple@7.service";
  EXPECT_TRUE(diagnose(incident).summary.ends_with("which starts app@.service"));
}

TEST(SocketUnit, ThatIsNotKnownIsOnlyLikely) {
  Incident incident = held_by_socket_unit();
  incident.holders[0].on_behalf = OnBehalf{.doubt = "a.socket and b.socket name that address"};
  expect_cause(incident, Cause::kSocketUnit, Certainty::kLikely);
  EXPECT_EQ(diagnose(incident).summary, "systemd holds it for a .socket unit: a.socket and b.socket name that address");
  EXPECT_TRUE(any_contains(diagnose(incident).advice, "systemctl list-sockets"));
}

TEST(SocketUnit, IsStoppedWhereItsManagerIs) {
  Incident incident = held_by_socket_unit();
  incident.holders[0].process->pid = 700;
  incident.holders[0].process->vpid = 1;
  EXPECT_TRUE(any_contains(diagnose(incident).advice, "systemctl stop app.socket in its container frees it"));
  incident.holders[0].process->vpid = 700;
  incident.holders[0].process->user = "jo";
  EXPECT_TRUE(any_contains(diagnose(incident).advice, "systemctl --user stop app.socket as jo frees it"));
}

TEST(SocketUnit, IsTheCauseAlsoWhereItsServiceHasTheSocketToo) {
  Incident incident = held_by_socket_unit();
  Process app = process(900, "nginx", "/usr/sbin/nginx", kSecond);
  incident.holders.insert(incident.holders.begin(), holder(incident.holders[0].socket, app));
  expect_cause(incident, Cause::kSocketUnit, Certainty::kCertain);
  EXPECT_TRUE(any_contains(diagnose(incident).advice, "systemctl stop app.socket app.service: both have the socket"));
}

TEST(SocketUnit, OfAnotherSocketThanTheOneThatRefusedIsNotTheCause) {
  Incident incident = nginx_restart();
  incident.holders.push_back(held_by_socket_unit().holders[0]);
  incident.holders[1].socket.inode = 77;
  expect_cause(incident, Cause::kPreviousInstance, Certainty::kCertain);
}

TEST(SocketUnit, IsNotSaidToBeInheritedFromTheProcessThatMadeTheSocket) {
  Incident incident = held_by_socket_unit();
  incident.holders[0].bound_by = BoundBy{77, 5, "(sd-listen)", false, 1000};
  EXPECT_FALSE(any_contains(diagnose(incident).evidence, "inherited"));
  EXPECT_FALSE(any_contains(diagnose(incident).evidence, "another program"));
}

TEST(ContainerPort, IsTheCauseWhereAProxyHoldsThePort) {
  const Incident incident = held_by_conmon();
  expect_cause(incident, Cause::kContainerPort, Certainty::kCertain);
  const Diagnosis diagnosis = diagnose(incident);
  EXPECT_EQ(diagnosis.summary, "it is a published port of podman container aaaaaaaaaaaa (web), held by conmon[812]");
  EXPECT_EQ(diagnosis.advice,
            std::vector<std::string>{"publish another port, or stop that container: podman ps --filter "
                                     "id=aaaaaaaaaaaa shows it"});
}

TEST(ContainerPort, OfDockerNamesTheAddressBehindIt) {
  Incident incident = held_by(process(812, "docker-proxy", "/usr/bin/docker-proxy", kSecond));
  incident.holders[0].on_behalf = OnBehalf{.stand_in = StandIn::kDockerProxy,
                                           .container_runtime = "docker",
                                           .address = "172.17.0.2:80",
                                           .doubt = "no container was found that has the address 172.17.0.2"};
  expect_cause(incident, Cause::kContainerPort, Certainty::kLikely);
  EXPECT_EQ(diagnose(incident).summary,
            "it is a published port of a docker container (docker-proxy), 172.17.0.2:80 in it, held by "
            "docker-proxy[812]: no container was found that has the address 172.17.0.2");
  EXPECT_TRUE(any_contains(diagnose(incident).advice, "docker ps shows it"));
}

TEST(ContainerPort, OfAnotherUserSaysWhoseEngineToAsk) {
  Incident incident = held_by_conmon();
  incident.holders[0].process->uid = 1000;
  incident.holders[0].process->user = "jo";
  EXPECT_TRUE(any_contains(diagnose(incident).advice, "shows it (as jo)"));
}

TEST(ContainerPort, WhoseBlockerIsNotSureIsOnlyLikely) {
  Incident incident = held_by_conmon();
  incident.holders[0].blocking.reset();
  incident.holders[0].socket.state = SocketState::kClose;
  expect_cause(incident, Cause::kContainerPort, Certainty::kLikely);
}

TEST(ContainerPort, OfWhichNothingIsKnownIsStillOne) {
  Incident incident = held_by(process(812, "rootlessport", "/usr/libexec/podman/rootlessport", kSecond));
  incident.holders[0].on_behalf = OnBehalf{.stand_in = StandIn::kRootlessport, .doubt = "it was not looked for"};
  EXPECT_EQ(diagnose(incident).summary,
            "it is a published port of a container (rootlessport), held by rootlessport[812]: it was not looked for");
}

}  // namespace
}  // namespace bindtrace
