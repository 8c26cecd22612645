// SPDX-License-Identifier: Apache-2.0
#include "core/episode.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace bindtrace {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kHour = 3600 * kSecond;
constexpr std::array<std::uint64_t, 3> kFirstSummaries{10 * kSecond, 60 * kSecond, 600 * kSecond};

// The unit, else the container and the program, else the program; a restart has another pid. Names may hold any byte
// but NUL.
std::string name_of(const Process& process) {
  const CgroupIdentity& place = process.place;
  if (place.has_service()) {
    return "unit" + std::string(1, '\0') + *place.unit + std::to_string(place.user_manager_uid.value_or(0));
  }
  // Neither path nor directory, which are not known of who has ended.
  return fmt::format("{}{}{}{}{}{}{}", place.container_id.value_or(""), '\0', process.program.name, '\0',
                     program_name(process.program), '\0', process.comm);
}

// Who is first in the way; what no process has by its state.
std::string name_of_holder(const Incident& incident) {
  for (const Holder& holder : incident.holders) {
    if (holder.socket.overlaps) {
      return holder.process ? fmt::format("{}.{}", holder.process->pid, holder.process->start_boottime_ns)
                            : std::string(to_string(holder.socket.state));
    }
  }
  return std::string(to_string(incident.holder_status));
}

std::string key_of(const Incident& incident) {
  const Request& request = incident.failure.request;
  // A test of the configuration before the start (ExecStartPre=nginx -t) must not stand for the start that fails then.
  return fmt::format("{}{}{}{}{}{}{}{}{}{}{}", name_of(incident.victim), '\0', to_string(request.endpoint), '\0',
                     request.netns, '\0', name_of_holder(incident), '\0', to_string(request.operation), '\0',
                     is_benign(incident.diagnosis.cause));
}

// What is kept of one.
Incident without_sockets(const Incident& incident) {
  Incident kept = incident;
  kept.failure.sockets.clear();
  kept.failure.owners.clear();
  kept.failure.request.wire.clear();
  return kept;
}

}  // namespace

EpisodePlace Episodes::add(const Incident& incident) {
  const std::string key = key_of(incident);
  const EventKey& event = incident.failure.head.key;
  auto story = std::find_if(stories_.begin(), stories_.end(), [&](const Story& known) { return known.key == key; });
  if (story != stories_.end() && event.ktime_ns > story->latest.failure.head.key.ktime_ns + options_.quiet_ns) {
    if (story->untold > 0) {
      ended_.push_back(sum_up(*story, event.ktime_ns));
    }
    stories_.erase(story);
    story = stories_.end();
  }
  if (story == stories_.end()) {
    if (stories_.size() >= options_.stories) {
      end_oldest();
    }
    stories_.push_back({key, without_sockets(incident), event, 1, 0, event.ktime_ns});
    return {event, 1, true};
  }
  story->attempt++;
  story->untold++;
  story->latest = without_sockets(incident);
  stories_.splice(stories_.end(), stories_, story);
  return {story->first, story->attempt, false};
}

void Episodes::end_oldest() {
  Story& oldest = stories_.front();
  if (oldest.untold > 0) {
    ended_.push_back(sum_up(oldest, oldest.latest.failure.head.key.ktime_ns));
  }
  stories_.pop_front();
  evicted_++;
}

std::uint64_t Episodes::due_ns(const Story& story) {
  for (const std::uint64_t after : kFirstSummaries) {
    if (story.told_ns < story.first.ktime_ns + after) {
      return story.first.ktime_ns + after;
    }
  }
  return story.told_ns + kHour;
}

EpisodeSummary Episodes::sum_up(Story& story, std::uint64_t now_ns) {
  EpisodeSummary summary{story.latest, story.first, story.attempt, story.untold, story.told_ns, now_ns};
  story.untold = 0;
  story.told_ns = now_ns;
  return summary;
}

std::vector<EpisodeSummary> Episodes::take_due(std::uint64_t now_ns) {
  std::vector<EpisodeSummary> due = std::exchange(ended_, {});
  for (Story& story : stories_) {
    if (story.untold > 0 && due_ns(story) <= now_ns) {
      due.push_back(sum_up(story, now_ns));
    }
  }
  return due;
}

std::vector<EpisodeSummary> Episodes::take_of(const Endpoint& endpoint, std::uint32_t netns, std::uint64_t now_ns) {
  std::vector<EpisodeSummary> taken;
  for (Story& story : stories_) {
    const Request& request = story.latest.failure.request;
    if (story.untold > 0 && request.endpoint == endpoint && request.netns == netns) {
      taken.push_back(sum_up(story, now_ns));
    }
  }
  return taken;
}

std::vector<EpisodeSummary> Episodes::take_all(std::uint64_t now_ns) {
  std::vector<EpisodeSummary> taken = std::exchange(ended_, {});
  for (Story& story : stories_) {
    if (story.untold > 0) {
      taken.push_back(sum_up(story, now_ns));
    }
  }
  return taken;
}

std::optional<std::uint64_t> Episodes::next_due_ns() const {
  std::optional<std::uint64_t> next;
  if (!ended_.empty()) {
    return 0;
  }
  for (const Story& story : stories_) {
    if (story.untold > 0) {
      const std::uint64_t due = due_ns(story);
      next = next ? std::min(*next, due) : due;
    }
  }
  return next;
}

}  // namespace bindtrace
