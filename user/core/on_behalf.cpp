// SPDX-License-Identifier: Apache-2.0
#include "core/on_behalf.h"

#include <array>

#include <fmt/format.h>

#include "core/cgroup_name.h"

namespace bindtrace {
namespace {

struct Known {
  std::string_view name;
  StandIn stand_in;
};

// pasta runs the build of its program that suits the processor.
constexpr std::array kKnown{
    Known{"systemd", StandIn::kSystemd},          Known{"conmon", StandIn::kConmon},
    Known{"docker-proxy", StandIn::kDockerProxy}, Known{"rootlessport", StandIn::kRootlessport},
    Known{"slirp4netns", StandIn::kSlirp4netns},  Known{"pasta", StandIn::kPasta},
    Known{"pasta.avx2", StandIn::kPasta},
};

std::optional<StandIn> named(std::string_view name) {
  for (const Known& known : kKnown) {
    if (known.name == name) {
      return known.stand_in;
    }
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(StandIn stand_in) {
  switch (stand_in) {
    case StandIn::kSystemd:
      return "systemd";
    case StandIn::kConmon:
      return "conmon";
    case StandIn::kDockerProxy:
      return "docker-proxy";
    case StandIn::kRootlessport:
      return "rootlessport";
    case StandIn::kSlirp4netns:
      return "slirp4netns";
    case StandIn::kPasta:
      break;
  }
  return "pasta";
}

// Any process may name itself as it likes, threads of these programs too.
std::optional<StandIn> stand_in_of(std::string_view executable_name, std::string_view comm) {
  const auto by_file = named(executable_name);
  return by_file ? by_file : executable_name.empty() ? named(comm) : std::nullopt;
}

std::string beneficiary(const OnBehalf& on_behalf) {
  if (!is_of_container(on_behalf.stand_in)) {
    return on_behalf.unit.value_or("a .socket unit");
  }
  const std::string runtime = on_behalf.container_runtime ? *on_behalf.container_runtime + ' ' : "";
  if (!on_behalf.container_id) {
    const std::string article = runtime.empty() ? "a " : "a " + runtime;
    const std::string name = on_behalf.container_name.value_or(std::string(to_string(on_behalf.stand_in)));
    return fmt::format("{}container ({})", article, name);
  }
  const std::string name = on_behalf.container_name ? fmt::format(" ({})", *on_behalf.container_name) : "";
  return fmt::format("{}container {}{}", runtime, short_container_id(*on_behalf.container_id), name);
}

}  // namespace bindtrace
