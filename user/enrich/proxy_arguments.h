// SPDX-License-Identifier: Apache-2.0
// What the command lines of programs that hold ports for containers tell. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "core/endpoint.h"

namespace bindtrace {

// conmon(8) of podman and CRI-O.
struct ConmonArguments {
  std::optional<std::string> container_id{};
  std::optional<std::string> container_name{};
  std::optional<std::string> runtime{};  // "podman", "cri-o": by the directories it was given

  friend bool operator==(const ConmonArguments&, const ConmonArguments&) = default;
};

ConmonArguments parse_conmon(std::span<const std::string> argv);

// docker-proxy, one process for each published port and address family. Absent: it does not say.
struct ContainerAddress {
  IpAddress address;
  std::uint16_t port = 0;

  friend bool operator==(const ContainerAddress&, const ContainerAddress&) = default;
};

std::optional<ContainerAddress> parse_docker_proxy(std::span<const std::string> argv);

// slirp4netns(1) and pasta(1): the network namespace that they serve, by its file or by a process in it.
struct ServedNamespace {
  std::optional<std::string> path{};
  std::optional<std::uint32_t> pid{};  // as they see pids

  friend bool operator==(const ServedNamespace&, const ServedNamespace&) = default;
};

ServedNamespace parse_slirp4netns(std::span<const std::string> argv);
ServedNamespace parse_pasta(std::span<const std::string> argv);

// "172.17.0.2", "fd00::2"; as inet_pton(3) reads it.
std::optional<IpAddress> parse_ip(const std::string& text);

}  // namespace bindtrace
