// SPDX-License-Identifier: Apache-2.0
// For whom a process has a socket, where it is only a stand-in: of a .socket unit, or of a container's published port.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bindtrace {

// The programs that have sockets for others.
enum class StandIn {
  kSystemd,  // as manager of the system, of a container or of a user
  kConmon,   // keeps the ports that podman publishes
  kDockerProxy,
  kRootlessport,
  kSlirp4netns,
  kPasta,
};

// Absent is what could not be found out; `doubt` says why.
struct OnBehalf {
  StandIn stand_in = StandIn::kSystemd;
  std::optional<std::string> unit{};     // "app.socket"
  std::optional<std::string> service{};  // what the unit starts; a template for one that is started for each connection
  std::optional<std::string> container_id{};
  std::optional<std::string> container_name{};
  std::optional<std::string> container_runtime{};
  std::optional<std::string> address{};  // behind the published port, in the container: "172.17.0.2:80"
  std::vector<std::string> evidence{};   // sentences, each from an observed fact
  std::optional<std::string> doubt{};    // why it is not certain or not complete; absent: it is both
};

// "systemd", "docker-proxy"
std::string_view to_string(StandIn stand_in);

[[nodiscard]] constexpr bool is_of_container(StandIn stand_in) {
  return stand_in != StandIn::kSystemd;
}

// By the name of its executable; by its own name where that is not known.
std::optional<StandIn> stand_in_of(std::string_view executable_name, std::string_view comm);

// "app.socket", "podman container 0123456789ab (web)", "a container (rootlessport)"
std::string beneficiary(const OnBehalf& on_behalf);

}  // namespace bindtrace
