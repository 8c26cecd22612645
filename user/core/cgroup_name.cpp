// SPDX-License-Identifier: Apache-2.0
#include "core/cgroup_name.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <vector>

namespace bindtrace {
namespace {

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_container_id(std::string_view text) {
  return text.size() == 64 && is_hex(text);
}

// "8-4-4-4-12" hex digits; systemd slices have underscores where the uid has dashes. Static pods have
// the 32 digits of a hash alone.
std::optional<std::string> pod_uid_from(std::string_view text) {
  std::string uid(text);
  std::replace(uid.begin(), uid.end(), '_', '-');
  const auto digits = static_cast<std::size_t>(std::count_if(uid.begin(), uid.end(), [](char c) { return c != '-'; }));
  const bool hex = std::all_of(uid.begin(), uid.end(), [](char c) { return c == '-' || is_hex({&c, 1}); });
  return hex && digits == 32 ? std::optional(uid) : std::nullopt;
}

bool has_unit_suffix(std::string_view name) {
  constexpr std::array<std::string_view, 7> kSuffixes{".service", ".scope",     ".socket", ".mount",
                                                      ".swap",    ".automount", ".timer"};
  return std::any_of(kSuffixes.begin(), kSuffixes.end(),
                     [&](std::string_view suffix) { return name.size() > suffix.size() && name.ends_with(suffix); });
}

struct ContainerForm {
  std::string_view prefix;  // of the component, before the id
  std::string_view runtime;
};

// Components made by container engines: PREFIX<64 hex>[.scope].
constexpr std::array kContainerForms{
    ContainerForm{"docker-", "docker"},
    ContainerForm{"libpod-", "podman"},
    ContainerForm{"libpod-payload-", "podman"},  // --cgroups=split, as of a Quadlet: inside its service
    ContainerForm{"cri-containerd-", "containerd"},
    ContainerForm{"nerdctl-", "containerd"},
    ContainerForm{"crio-", "cri-o"},
};

// Parents that name the engine of a bare <64 hex> component (cgroupfs driver).
constexpr std::array kContainerParents{
    ContainerForm{"docker", "docker"},
    ContainerForm{"libpod_parent", "podman"},
    ContainerForm{"crio", "cri-o"},
};

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) {
    return false;
  }
  text.remove_prefix(prefix.size());
  return true;
}

void read_engine_component(std::string_view name, CgroupIdentity& identity) {
  if (name.ends_with(".scope")) {
    name.remove_suffix(std::string_view(".scope").size());
  }
  for (const ContainerForm& form : kContainerForms) {
    std::string_view id = name;
    if (take_prefix(id, form.prefix) && is_container_id(id)) {
      identity.container_id = id;
      identity.container_runtime = form.runtime;
      return;
    }
  }
}

// "<slice>:cri-containerd:<id>": what containerd makes where driver and runtime disagree.
void read_colon_component(std::string_view name, CgroupIdentity& identity) {
  const std::size_t last = name.rfind(':');
  if (last == std::string_view::npos || !is_container_id(name.substr(last + 1))) {
    return;
  }
  identity.container_id = name.substr(last + 1);
  if (name.substr(0, last).ends_with("cri-containerd")) {
    identity.container_runtime = "containerd";
  }
}

void read_container(std::string_view name, std::string_view parent, CgroupIdentity& identity) {
  if (is_container_id(name)) {
    identity.container_id = name;
    for (const ContainerForm& form : kContainerParents) {
      if (parent == form.prefix) {
        identity.container_runtime = form.runtime;
      }
    }
    return;
  }
  std::string_view lxc = name;
  if (take_prefix(lxc, "lxc.payload.") || parent == "lxc" || parent == "lxc.payload") {
    identity.container_id = lxc;
    identity.container_runtime = "lxc";
    return;
  }
  read_engine_component(name, identity);
  if (!identity.container_id) {
    read_colon_component(name, identity);
  }
}

void read_pod(std::string_view name, CgroupIdentity& identity) {
  const std::size_t colon = name.find(':');
  name = name.substr(0, colon);
  if (name.ends_with(".slice")) {
    name.remove_suffix(std::string_view(".slice").size());
  }
  const std::size_t mark = name.starts_with("pod") ? 0 : name.find("-pod");
  if (mark == std::string_view::npos) {
    return;
  }
  name.remove_prefix(mark == 0 ? 3 : mark + 4);
  if (auto uid = pod_uid_from(name)) {
    identity.pod_uid = std::move(uid);
  }
}

std::optional<std::uint32_t> user_manager(std::string_view name) {
  if (!take_prefix(name, "user@") || !name.ends_with(".service")) {
    return std::nullopt;
  }
  name.remove_suffix(std::string_view(".service").size());
  std::uint32_t uid = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), uid);
  return error == std::errc{} && end == name.data() + name.size() ? std::optional(uid) : std::nullopt;
}

// The deepest unit wins: user@1000.service/app.slice/foo.service is foo.service. Its manager's own
// init.scope says less than the manager.
void read_unit(std::string_view name, CgroupIdentity& identity) {
  if (!has_unit_suffix(name) || (name == "init.scope" && identity.unit)) {
    return;
  }
  identity.unit = name;
}

CgroupIdentity identify(std::span<const std::string_view> root_first) {
  CgroupIdentity identity;
  std::string_view parent;
  for (const std::string_view name : root_first) {
    read_unit(name, identity);
    if (const auto uid = user_manager(name)) {
      identity.user_manager_uid = uid;
    }
    read_pod(name, identity);
    read_container(name, parent, identity);
    parent = name;
  }
  return identity;
}

}  // namespace

bool CgroupIdentity::has_service() const {
  return unit && !unit->ends_with(".scope");
}

CgroupIdentity identify_cgroup(std::string_view path) {
  std::vector<std::string_view> names;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    if (slash != 0) {
      names.push_back(path.substr(0, slash));
    }
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  }
  return identify(names);
}

CgroupIdentity identify_cgroup(std::span<const Name> leaf_first) {
  std::vector<std::string_view> names;
  for (auto name = leaf_first.rbegin(); name != leaf_first.rend(); ++name) {
    if (!name->cut) {
      names.emplace_back(name->text);
    }
  }
  return identify(names);
}

std::optional<std::string> whole_cgroup_path(std::span<const Name> leaf_first, bool known) {
  const bool cut = std::any_of(leaf_first.begin(), leaf_first.end(), [](const Name& name) { return name.cut; });
  if (!known || cut || leaf_first.size() >= kCgroupLevels) {
    return std::nullopt;
  }
  std::string path = leaf_first.empty() ? "/" : "";
  for (auto name = leaf_first.rbegin(); name != leaf_first.rend(); ++name) {
    path += '/' + name->text;
  }
  return path;
}

std::string short_container_id(std::string_view id) {
  constexpr std::size_t kShort = 12;
  return std::string(id.substr(0, kShort));
}

void fill_missing(CgroupIdentity& identity, const CgroupIdentity& other) {
  if (!identity.unit) {
    identity.unit = other.unit;
    identity.user_manager_uid = other.user_manager_uid;
  } else if (!identity.user_manager_uid && identity.unit == other.unit) {
    identity.user_manager_uid = other.user_manager_uid;
  }
  if (!identity.container_id) {
    identity.container_id = other.container_id;
    identity.container_runtime = other.container_runtime;
  }
  if (!identity.pod_uid) {
    identity.pod_uid = other.pod_uid;
  }
}

}  // namespace bindtrace
