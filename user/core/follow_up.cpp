// SPDX-License-Identifier: Apache-2.0
#include "core/follow_up.h"

#include <algorithm>
#include <iterator>

namespace bindtrace {
namespace {

bool has_ports(Transport transport) {
  return transport == Transport::kTcp || transport == Transport::kMptcp || transport == Transport::kUdp ||
         transport == Transport::kUdplite;
}

// Who only tests or probes waits for nothing, and makes no attempt of the service's.
bool is_followed(const Incident& incident) {
  if (is_benign(incident.diagnosis.cause)) {
    return false;
  }
  const Endpoint& endpoint = incident.failure.request.endpoint;
  if (has_ports(endpoint.transport)) {
    return endpoint.address && endpoint.port.value_or(0) != 0;
  }
  return endpoint.transport == Transport::kUnix && endpoint.name && (incident.path_file || !is_path(endpoint));
}

std::uint64_t earlier(std::uint64_t when, const std::optional<std::uint64_t>& limit) {
  return limit ? std::min(when, *limit) : when;
}

}  // namespace

std::optional<FollowUp::Id> FollowUp::add(const Incident& incident) {
  if (!is_followed(incident)) {
    return std::nullopt;
  }
  const auto known = std::find_if(watches_.begin(), watches_.end(),
                                  [&](const WatchedAddress& watch) { return watch.is_of(incident); });
  if (known != watches_.end()) {
    known->add_failure(incident);
    correct_outcomes(*known, incident.failure.head.key.ktime_ns);
    watches_.splice(watches_.end(), watches_, known);
    return known->id;
  }
  if (watches_.size() >= options_.watches) {
    watches_.pop_front();
    evicted_++;
  }
  watches_.emplace_back(incident).id = ++next_id_;
  return next_id_;
}

// It was shown late: a look came before it.
void FollowUp::correct_outcomes(const WatchedAddress& watch, std::uint64_t failure_ns) {
  for (Outcome& outcome : outcomes_) {
    auto* released = std::get_if<Released>(&outcome);
    if (released != nullptr && released->sequel.first == watch.first && failure_ns < released->sequel.ktime_ns) {
      released->sequel.failures = watch.failures;
    }
  }
}

std::vector<FollowUp::Outcome> FollowUp::take_outcomes(std::uint64_t before_ns) {
  const auto is_later = [&](const Outcome& outcome) {
    return std::visit([&](const auto& event) { return event.sequel.ktime_ns >= before_ns; }, outcome);
  };
  const auto end = std::find_if(outcomes_.begin(), outcomes_.end(), is_later);
  std::vector<Outcome> taken(std::make_move_iterator(outcomes_.begin()), std::make_move_iterator(end));
  outcomes_.erase(outcomes_.begin(), end);
  return taken;
}

bool FollowUp::concerns(const Sighting& sighting) const {
  return std::any_of(watches_.begin(), watches_.end(),
                     [&](const WatchedAddress& watch) { return watch.overlaps(sighting); });
}

void FollowUp::note(const Sighting& sighting, const Process& process) {
  for (WatchedAddress& watch : watches_) {
    if (watch.overlaps(sighting)) {
      watch.note(sighting, process);
    }
  }
}

void FollowUp::holder_exited(std::uint32_t pid, std::uint64_t start_boottime_ns, std::uint64_t now_ns) {
  for (WatchedAddress& watch : watches_) {
    watch.note_exit(pid, start_boottime_ns, now_ns);
  }
}

void FollowUp::file_gone(Id id, std::uint64_t now_ns) {
  for (WatchedAddress& watch : watches_) {
    if (watch.id == id && !watch.released_ns) {
      // A successful bind made another file already: this one went before.
      release(watch, earlier(now_ns, watch.success ? std::optional(watch.success->ktime_ns) : std::nullopt), now_ns);
    }
  }
}

void FollowUp::work(std::uint64_t now_ns) {
  for (auto next = watches_.begin(); next != watches_.end();) {
    const auto watch = next++;
    if (watch->next_look_ns && now_ns >= look_ns(*watch)) {
      look_at(*watch, now_ns);
    }
    if (watch->success && !watch->next_look_ns) {
      finish(*watch, now_ns);
      watches_.erase(watch);
    } else if (watch->over || now_ns >= expiry_ns(*watch)) {
      watches_.erase(watch);
    }
  }
}

void FollowUp::look_at(WatchedAddress& watch, std::uint64_t now_ns) {
  watch.next_look_ns.reset();
  if (watch.released_ns) {
    return;
  }
  if (!is_ip(watch.request.endpoint.transport)) {
    look_at_name(watch, now_ns);
    return;
  }
  const std::uint64_t start_ns = options_.cpu_ns();
  const auto answer = options_.look(watch.request);
  const std::uint64_t cost_ns = watch.charge(options_.cpu_ns() - start_ns);
  rest_until_ns_ = now_ns + cost_ns * options_.cost_divisor;
  short_rest_until_ns_ = now_ns + cost_ns * options_.urgent_cost_divisor;
  if (answer && watch.note_look(*answer)) {
    const std::uint64_t seen_ns =
        earlier(answer->head.key.ktime_ns, watch.success ? std::optional(watch.success->ktime_ns) : std::nullopt);
    release(watch, watch.freed ? watch.freed->head.key.ktime_ns : seen_ns, now_ns);
  } else if (!answer && answer.error().kind == ErrorKind::kUsage) {
    watch.over = true;
  } else if (!watch.success) {
    watch.next_look_ns = watch.next_look_after(now_ns, told_);
  }
}

// An abstract name is its socket's; where nothing tells of that, neither do we. A path that could be bound was free,
// and nobody knows better since when.
void FollowUp::look_at_name(WatchedAddress& watch, std::uint64_t now_ns) {
  const auto is_freed = [&](const WatchedAddress::Holder& holder) {
    return holder.inode && holder.inode == watch.freed->socket.inode;
  };
  if (watch.freed && std::any_of(watch.holders.begin(), watch.holders.end(), is_freed)) {
    release(watch, watch.freed->head.key.ktime_ns, now_ns);
  } else if (watch.success && is_path(watch.request.endpoint)) {
    release(watch, watch.success->ktime_ns, now_ns);
  }
  watch.freed.reset();
}

void FollowUp::release(WatchedAddress& watch, std::uint64_t ktime_ns, std::uint64_t now_ns) {
  watch.released_ns = ktime_ns;
  for (WatchedAddress::Holder& holder : watch.holders) {
    const auto exits = holder.exited ? true : options_.exits(holder.pid, holder.start_boottime_ns);
    if (exits.value_or(false) && !holder.exited) {
      holder.exited = true;
      watch.last_exit = holder;
    }
    watch.holders_cut = watch.holders_cut || !exits;
  }
  if (!watch.success) {
    watch.next_look_ns.reset();
  }
  Released event = watch.released(ktime_ns);
  event.sequel.observed_boottime_ns = now_ns;
  outcomes_.emplace_back(std::move(event));
  watch.freed.reset();
}

void FollowUp::finish(const WatchedAddress& watch, std::uint64_t now_ns) {
  Bound event;
  event.sequel = watch.sequel();
  event.sequel.ktime_ns = watch.success->ktime_ns;
  event.sequel.observed_boottime_ns = now_ns;
  event.operation = watch.request.operation;
  event.process = watch.success->process;
  event.attempt = watch.failures + 1;
  outcomes_.emplace_back(std::move(event));
}

std::uint64_t FollowUp::look_ns(const WatchedAddress& watch) const {
  return std::max(*watch.next_look_ns, watch.is_urgent() ? short_rest_until_ns_ : rest_until_ns_);
}

std::uint64_t FollowUp::expiry_ns(const WatchedAddress& watch) const {
  return earlier(watch.last_failure_ns + options_.after_failure_ns,
                 watch.released_ns ? std::optional(*watch.released_ns + options_.after_release_ns) : std::nullopt);
}

std::optional<std::uint64_t> FollowUp::next_work_ns() const {
  std::optional<std::uint64_t> next;
  for (const WatchedAddress& watch : watches_) {
    const std::uint64_t look = watch.next_look_ns ? look_ns(watch) : expiry_ns(watch);
    next = earlier(std::min(look, expiry_ns(watch)), next);
  }
  return next;
}

std::set<std::uint16_t> FollowUp::ports() const {
  std::set<std::uint16_t> ports;
  for (const WatchedAddress& watch : watches_) {
    if (watch.request.endpoint.port) {
      ports.insert(*watch.request.endpoint.port);
    }
  }
  return ports;
}

bool FollowUp::has_names() const {
  return std::any_of(watches_.begin(), watches_.end(),
                     [](const WatchedAddress& watch) { return !is_ip(watch.request.endpoint.transport); });
}

bool FollowUp::waits_for_release() const {
  return std::any_of(watches_.begin(), watches_.end(), [](const WatchedAddress& watch) {
    return !watch.released_ns && !is_path(watch.request.endpoint);
  });
}

std::uint64_t FollowUp::held() const {
  const auto is_held = [](const WatchedAddress& watch) { return !watch.released_ns; };
  return static_cast<std::uint64_t>(std::count_if(watches_.begin(), watches_.end(), is_held));
}

bool FollowUp::has_watch(Id id) const {
  return std::any_of(watches_.begin(), watches_.end(), [&](const WatchedAddress& watch) { return watch.id == id; });
}

bool FollowUp::has_holder(std::uint32_t pid, std::uint64_t start_boottime_ns) const {
  const auto is_it = [&](const WatchedAddress::Holder& holder) {
    return holder.pid == pid && holder.start_boottime_ns == start_boottime_ns && !holder.exited;
  };
  return std::any_of(watches_.begin(), watches_.end(), [&](const WatchedAddress& watch) {
    return !watch.released_ns && std::any_of(watch.holders.begin(), watch.holders.end(), is_it);
  });
}

}  // namespace bindtrace
