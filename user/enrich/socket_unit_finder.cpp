// SPDX-License-Identifier: Apache-2.0
#include "enrich/socket_unit_finder.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "enrich/root_directory.h"
#include "enrich/socket_cgroup.h"
#include "enrich/unit_files.h"

namespace bindtrace {
namespace {

// As passwd(5) of the manager's own root has it; absent: unknown.
std::optional<std::string> home_of(const RootDirectory& root, std::uint32_t uid) {
  const auto passwd = root.read_file("/etc/passwd");
  std::string_view rest = passwd ? std::string_view(*passwd) : std::string_view();
  while (!rest.empty()) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    std::vector<std::string_view> fields;
    for (std::size_t colon = 0; colon != std::string_view::npos; line.remove_prefix(std::min(line.size(), colon + 1))) {
      colon = line.find(':');
      fields.push_back(line.substr(0, colon));
    }
    constexpr std::size_t kUid = 2;
    constexpr std::size_t kHome = 5;
    if (fields.size() > kHome && fields[kUid] == std::to_string(uid) && fields[kHome].starts_with('/')) {
      return std::string(fields[kHome]);
    }
  }
  return std::nullopt;
}

struct Candidate {
  const SocketUnit* unit;
  const SocketUnit::Listen* listen;
};

std::vector<Candidate> candidates_among(const std::vector<SocketUnit>& units, const HolderSocket& socket) {
  std::vector<Candidate> candidates;
  for (const SocketUnit& unit : units) {
    if (const SocketUnit::Listen* listen = find_listen(unit, socket)) {
      candidates.push_back({&unit, listen});
    }
  }
  return candidates;
}

std::string names_of(const std::vector<Candidate>& candidates) {
  constexpr std::size_t kShown = 4;
  std::vector<std::string> names;
  for (const Candidate& candidate : candidates) {
    names.push_back(candidate.unit->name);
    if (names.size() == kShown && candidates.size() > kShown) {
      names.push_back(fmt::format("{} more", candidates.size() - kShown));
      break;
    }
  }
  const std::string last = names.back();
  names.pop_back();
  return fmt::format("{} and {}", fmt::join(names, ", "), last);
}

void choose(const Candidate& candidate, OnBehalf& on_behalf) {
  on_behalf.unit = candidate.unit->name;
  on_behalf.service = service_of(*candidate.unit);
  on_behalf.evidence.push_back(
      fmt::format("{} has {}={}", candidate.listen->file, candidate.listen->directive, candidate.listen->value));
}

}  // namespace

OnBehalf find_socket_unit(const Holder& holder, const ProcDir& dir, ManagerOf manager,
                          const std::filesystem::path& cgroup_root) {
  OnBehalf on_behalf{.stand_in = StandIn::kSystemd};
  const auto by_cgroup =
      holder.socket.cgroup_id
          ? socket_unit_of_cgroup(cgroup_root, holder.process->cgroup.value_or(""), *holder.socket.cgroup_id)
          : std::nullopt;
  if (by_cgroup) {
    on_behalf.unit = by_cgroup;
    on_behalf.evidence.push_back("the socket was made in the cgroup of " + *by_cgroup);
  }
  auto directory = dir.open_directory("root");
  if (!directory) {
    on_behalf.doubt = by_cgroup ? std::nullopt : std::optional<std::string>("its unit files cannot be read");
    return on_behalf;
  }
  const RootDirectory root(*std::move(directory));
  const std::uint32_t uid = holder.process->uid;
  const auto units = read_socket_units(
      root, manager == ManagerOf::kSystem ? system_search_path() : user_search_path(uid, home_of(root, uid)));
  const std::vector<Candidate> candidates = candidates_among(units, holder.socket);
  if (by_cgroup) {
    const auto same = std::find_if(candidates.begin(), candidates.end(),
                                   [&](const Candidate& candidate) { return candidate.unit->name == *by_cgroup; });
    if (same != candidates.end()) {
      choose(*same, on_behalf);
    }
  } else if (candidates.size() == 1) {
    choose(candidates.front(), on_behalf);
  } else {
    on_behalf.doubt = candidates.empty() ? "no unit file of its names that address"
                                         : fmt::format("{} name that address", names_of(candidates));
  }
  return on_behalf;
}

}  // namespace bindtrace
