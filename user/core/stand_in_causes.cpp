// SPDX-License-Identifier: Apache-2.0
// Causes where the process that has the socket is only a stand-in.
#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "core/causes.h"
#include "core/evidence.h"

namespace bindtrace {
namespace {

bool has_stand_in(const Facts& facts, bool of_container) {
  return facts.stand_in && is_of_container(facts.stand_in->on_behalf->stand_in) == of_container;
}

Certainty certainty_of(const Facts& facts) {
  return certain_if(facts.blocker_is_sure && !facts.stand_in->on_behalf->doubt);
}

void tell_stand_in(const Facts& facts, Diagnosis& diagnosis) {
  const OnBehalf& on_behalf = *facts.stand_in->on_behalf;
  tell_how_seen(facts, *facts.stand_in, diagnosis);
  if (facts.is_victim && !same_process(*facts.stand_in->process, facts.incident.victim)) {
    diagnosis.evidence.push_back(label(facts.incident.victim) + " has that socket itself, handed over at its start");
  }
  diagnosis.evidence.insert(diagnosis.evidence.end(), on_behalf.evidence.begin(), on_behalf.evidence.end());
  if (on_behalf.doubt) {
    diagnosis.evidence.push_back("not certain: " + *on_behalf.doubt);
  }
}

// What systemctl has to be told to reach that manager.
std::string systemctl(const Process& manager) {
  return manager.pid == 1 || manager.vpid == 1U ? "systemctl" : "systemctl --user";
}

// Where the manager is another than the machine's: its tools have to be called there.
std::string where_words(const Process& manager) {
  if (manager.pid == 1) {
    return "";
  }
  return manager.vpid == 1U ? " in its container" : fmt::format(" as {}", manager.user.value_or("that user"));
}

bool is_activated_by(const Process& victim, const OnBehalf& on_behalf) {
  if (!on_behalf.service || !victim.place.unit) {
    return false;
  }
  const std::size_t at = on_behalf.service->find("@.");
  return victim.place.unit == on_behalf.service ||
         (at != std::string::npos && victim.place.unit->starts_with(on_behalf.service->substr(0, at + 1)));
}

// Once it has been started, the service has the socket too. The victim does not keep it: it could not start.
bool is_shared(const Facts& facts) {
  return std::any_of(facts.overlapping.begin(), facts.overlapping.end(), [&](const Holder* holder) {
    return holder->socket.inode == facts.stand_in->socket.inode && holder->process &&
           !same_process(*holder->process, *facts.stand_in->process) &&
           !same_process(*holder->process, facts.incident.victim);
  });
}

void advise_socket_unit(const Facts& facts, Diagnosis& diagnosis) {
  const OnBehalf& on_behalf = *facts.stand_in->on_behalf;
  const Process& manager = *facts.stand_in->process;
  if (is_activated_by(facts.incident.victim, on_behalf)) {
    diagnosis.advice.push_back(fmt::format(
        "have {} take the socket that systemd hands to it (sd_listen_fds) instead of binding one", *on_behalf.service));
  }
  const std::string otherwise = diagnosis.advice.empty() ? "" : "or ";
  if (on_behalf.unit && on_behalf.service && is_shared(facts)) {
    diagnosis.advice.push_back(fmt::format("{}{} stop {} {}{}: both have the socket", otherwise, systemctl(manager),
                                           *on_behalf.unit, *on_behalf.service, where_words(manager)));
  } else if (on_behalf.unit) {
    diagnosis.advice.push_back(fmt::format("{0}{1} stop {2}{3} frees it ({1} disable {2}: also after the next boot)",
                                           otherwise, systemctl(manager), *on_behalf.unit, where_words(manager)));
  } else {
    diagnosis.advice.push_back(fmt::format("{}find the unit with {} list-sockets{}; stopping it frees the address",
                                           otherwise, systemctl(manager), where_words(manager)));
  }
}

std::string ps_command(const OnBehalf& on_behalf) {
  const std::string runtime = on_behalf.container_runtime.value_or("");
  const std::string filter =
      on_behalf.container_id ? " --filter id=" + short_container_id(*on_behalf.container_id) : "";
  if (runtime == "cri-o" || runtime == "containerd") {
    return on_behalf.container_id ? "crictl ps --id " + short_container_id(*on_behalf.container_id) : "crictl ps";
  }
  const bool docker = runtime == "docker" || on_behalf.stand_in == StandIn::kDockerProxy;
  return (docker ? "docker ps" : "podman ps") + filter;
}

std::string behind(const OnBehalf& on_behalf) {
  return on_behalf.address ? fmt::format(", {} in it", *on_behalf.address) : "";
}

}  // namespace

std::optional<Diagnosis> examine_socket_unit(const Facts& facts) {
  if (!has_stand_in(facts, /*of_container=*/false)) {
    return std::nullopt;
  }
  const OnBehalf& on_behalf = *facts.stand_in->on_behalf;
  Diagnosis diagnosis;
  diagnosis.cause = Cause::kSocketUnit;
  diagnosis.certainty = certainty_of(facts);
  diagnosis.summary = fmt::format("systemd holds it for {}", beneficiary(on_behalf));
  if (is_activated_by(facts.incident.victim, on_behalf)) {
    diagnosis.summary += fmt::format(", to hand it to this very service, {}", *facts.incident.victim.place.unit);
  } else if (on_behalf.service) {
    diagnosis.summary += fmt::format(", which starts {}", *on_behalf.service);
  }
  if (!on_behalf.unit && on_behalf.doubt) {
    diagnosis.summary += ": " + *on_behalf.doubt;
  }
  advise_socket_unit(facts, diagnosis);
  tell_stand_in(facts, diagnosis);
  return diagnosis;
}

std::optional<Diagnosis> examine_container_port(const Facts& facts) {
  if (!has_stand_in(facts, /*of_container=*/true)) {
    return std::nullopt;
  }
  const OnBehalf& on_behalf = *facts.stand_in->on_behalf;
  const Process& proxy = *facts.stand_in->process;
  Diagnosis diagnosis;
  diagnosis.cause = Cause::kContainerPort;
  diagnosis.certainty = certainty_of(facts);
  diagnosis.summary = fmt::format("it is a published port of {}{}, held by {}", beneficiary(on_behalf),
                                  behind(on_behalf), label(proxy));
  if (!on_behalf.container_id && on_behalf.doubt) {
    diagnosis.summary += ": " + *on_behalf.doubt;
  }
  const std::string user =
      proxy.uid != 0 ? fmt::format(" (as {})", proxy.user.value_or(fmt::format("uid {}", proxy.uid))) : "";
  diagnosis.advice.push_back(
      fmt::format("publish another port, or stop that container: {} shows it{}", ps_command(on_behalf), user));
  tell_stand_in(facts, diagnosis);
  return diagnosis;
}

}  // namespace bindtrace
