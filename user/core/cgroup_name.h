// SPDX-License-Identifier: Apache-2.0
// What the names in a cgroup path say about who runs there: unit, container, pod.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/failure.h"

namespace bindtrace {

struct CgroupIdentity {
  std::optional<std::string> unit;                // "nginx.service", "session-3.scope"; never a slice
  std::optional<std::uint32_t> user_manager_uid;  // the unit belongs to this user's manager
  std::optional<std::string> container_id;
  std::optional<std::string> container_runtime;  // docker, podman, containerd, cri-o, lxc
  std::optional<std::string> pod_uid;            // with dashes

  friend bool operator==(const CgroupIdentity&, const CgroupIdentity&) = default;

  // A unit that stands for a program of its own: .service, .socket and the like, not a login session
  // or another scope that holds whatever was started in it.
  [[nodiscard]] bool has_service() const;
};

// From a path as in /proc/PID/cgroup.
CgroupIdentity identify_cgroup(std::string_view path);
// From ancestor names, the leaf first. A cut name says nothing.
CgroupIdentity identify_cgroup(std::span<const Name> leaf_first);

// The path, where the names reach up to the root, which has none itself. `known`: there is a cgroup at all.
std::optional<std::string> whole_cgroup_path(std::span<const Name> leaf_first, bool known);

// As docker ps shows it.
std::string short_container_id(std::string_view id);

// Takes from `other` what `identity` does not know.
void fill_missing(CgroupIdentity& identity, const CgroupIdentity& other);

}  // namespace bindtrace
