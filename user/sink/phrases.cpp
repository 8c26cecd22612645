// SPDX-License-Identifier: Apache-2.0
#include "sink/phrases.h"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

namespace bindtrace {
namespace {

constexpr std::size_t kShownFds = 3;
constexpr std::size_t kShownAncestors = 4;  // the first, and what is nearest to the process

std::string container_words(const CgroupIdentity& place) {
  const std::string id = short_container_id(*place.container_id);
  return place.container_runtime ? fmt::format("{} container {}", *place.container_runtime, id) : "container " + id;
}

// docker-<id>.scope repeats the container.
bool unit_is_the_container(const CgroupIdentity& place) {
  return place.container_id && place.unit && place.unit->find(*place.container_id) != std::string::npos;
}

std::string holder_words(const Incident& incident) {
  const auto candidates = contenders(incident);
  if (candidates.empty()) {
    return incident.holder_status == HolderStatus::kNone ? "held by nobody" : "the holder is not known";
  }
  const Holder& holder = *candidates.front();
  if (!holder.process) {
    return fmt::format("held by {} ({})", unnamed_words(incident, holder.socket), socket_words(holder.socket));
  }
  std::vector<std::string> words = whereabouts(holder);
  words.push_back(socket_words(holder.socket));
  return fmt::format("held by {} ({})", label(*holder.process), fmt::join(words, ", "));
}

std::string let_go_words(const Released& released) {
  const std::string who = released.pid ? fmt::format("{}[{}]", released.comm, *released.pid) : "";
  switch (released.how) {
    case LetGo::kExited:
      return who + " exited";
    case LetGo::kClosed:
      return who + " closed it";
    case LetGo::kTimeWaitEnded:
      return "TIME_WAIT ended";
    case LetGo::kConnectionEnded:
      return "the last connection on it ended";
    case LetGo::kFileRemoved:
      return "the file was removed";
    case LetGo::kUnknown:
      break;
  }
  return "who let it go is not known";
}

}  // namespace

std::string victim_name(const Incident& incident) {
  const CgroupIdentity& place = incident.victim.place;
  return place.has_service() && !place.container_id ? *place.unit : label(incident.victim);
}

std::string request_words(const Request& request) {
  return fmt::format("{} {}", request.operation == Operation::kBind ? "bind" : "listen on",
                     to_string(request.endpoint));
}

std::string state_words(const HolderSocket& socket) {
  const bool closed = socket.state == SocketState::kClose || socket.state == SocketState::kBoundInactive;
  if (closed) {
    return is_connection_oriented(socket.local.transport) ? "bound, not listening" : "bound";
  }
  return std::string(to_string(socket.state));
}

std::string socket_words(const HolderSocket& socket) {
  return fmt::format("{} {}", state_words(socket), address_of(socket.local));
}

std::string unnamed_words(const Incident& incident, const HolderSocket& socket) {
  if (socket.kernel_socket) {
    return "the kernel itself";
  }
  if (!socket.inode) {
    return "no process";
  }
  return incident.holder_status == HolderStatus::kNone ? "no process by a descriptor" : "a process that is not known";
}

std::vector<std::string> whereabouts(const Process& process) {
  std::vector<std::string> words;
  if (process.program.interpreter && process.program.script) {
    words.push_back(*process.program.script);
  }
  if (process.place.container_id) {
    words.push_back(container_words(process.place));
  }
  if (process.place.unit && !unit_is_the_container(process.place)) {
    words.push_back(*process.place.unit);
  }
  if (words.empty() && process.program.path) {
    words.push_back(*process.program.path);
  }
  return words;
}

std::vector<std::string> whereabouts(const Holder& holder) {
  if (!holder.on_behalf) {
    return whereabouts(*holder.process);
  }
  std::vector<std::string> words{"for " + beneficiary(*holder.on_behalf)};
  if (holder.on_behalf->address) {
    words.push_back("to " + *holder.on_behalf->address);
  }
  return words;
}

std::string lineage_words(const Process& process) {
  if (!process.lineage || process.place.has_service() || process.place.container_id) {
    return "";
  }
  std::vector<std::string> names;
  for (auto next = process.lineage->ancestors.rbegin(); next != process.lineage->ancestors.rend(); ++next) {
    if (next->pid != 1) {
      names.push_back(fmt::format("{}[{}]", next->comm, next->pid));
    }
  }
  if (names.size() > kShownAncestors) {
    const auto dropped = names.end() - static_cast<std::ptrdiff_t>(kShownAncestors - 1);
    names.erase(names.begin() + 1, dropped);
    names.insert(names.begin() + 1, "...");
  }
  return names.empty() ? "" : fmt::format("started by {}", fmt::join(names, " > "));
}

std::string netns_words(const Incident& incident) {
  if (!incident.in_other_netns) {
    return "";
  }
  return "in netns " + incident.netns_name.value_or(std::to_string(incident.failure.request.netns));
}

std::vector<const Holder*> contenders(const Incident& incident) {
  std::vector<const Holder*> found;
  for (const Holder& holder : incident.holders) {
    if (holder.socket.overlaps) {
      found.push_back(&holder);
    }
  }
  return found;
}

std::string story(const Incident& incident) {
  const std::string who = victim_name(incident);
  const std::string victim = label(incident.victim);
  return fmt::format("{} could not {}: {}; {} [{}]", who == victim ? who : fmt::format("{} ({})", who, victim),
                     request_words(incident.failure.request), holder_words(incident), incident.diagnosis.summary,
                     to_string(incident.diagnosis.certainty));
}

std::string released_words(const Released& released) {
  return fmt::format("{} free after {}: {}", to_string(released.sequel.endpoint),
                     humanised(static_cast<std::int64_t>(released.after_ns)), let_go_words(released));
}

std::string bound_words(const Bound& bound) {
  const Sequel& sequel = bound.sequel;
  return fmt::format("{} {} {} on attempt {}, {} after it was first refused", label(bound.process),
                     bound.operation == Operation::kBind ? "bound" : "got to listen on", to_string(sequel.endpoint),
                     bound.attempt, humanised(static_cast<std::int64_t>(sequel.ktime_ns - sequel.first.ktime_ns)));
}

std::string summary_words(const EpisodeSummary& summary) {
  const Incident& latest = summary.latest;
  return fmt::format("{} could not {} another {} time{} in {}, {} in all: {}", victim_name(latest),
                     request_words(latest.failure.request), summary.repeats, summary.repeats == 1 ? "" : "s",
                     humanised(static_cast<std::int64_t>(summary.ktime_ns - summary.since_ns)), summary.attempt,
                     holder_words(latest));
}

std::string lost_words(const EventsLost& lost) {
  if (lost.output != 0) {
    return fmt::format("{} record{} missing here: the log could not be written", lost.output,
                       lost.output == 1 ? " is" : "s are");
  }
  const std::uint64_t all = lost.ring + lost.map + lost.suppressed;
  std::vector<std::string> reasons;
  if (lost.suppressed != 0) {
    reasons.push_back(fmt::format("{} suppressed, a user and cgroup may have 1,000 a second", lost.suppressed));
  }
  if (lost.ring != 0) {
    reasons.push_back(fmt::format("{} lost, the ring was full", lost.ring));
  }
  if (lost.map != 0) {
    reasons.push_back(fmt::format("{} lost, no map entry was free", lost.map));
  }
  return fmt::format("{} failure{} not shown: {}", all, all == 1 ? " is" : "s are", fmt::join(reasons, "; "));
}

std::string fd_words(const std::vector<std::uint32_t>& fds) {
  if (fds.empty()) {
    return "";
  }
  const std::size_t shown = std::min(fds.size(), kShownFds);
  const auto end = fds.begin() + static_cast<std::ptrdiff_t>(shown);
  std::string words = fmt::format("fd{} {}", fds.size() == 1 ? "" : "s", fmt::join(fds.begin(), end, ", "));
  if (fds.size() > shown) {
    words += fmt::format(" and {} more", fds.size() - shown);
  }
  return words;
}

}  // namespace bindtrace
