// SPDX-License-Identifier: Apache-2.0
#include "app/follower.h"

#include <sys/epoll.h>

#include <ctime>
#include <limits>
#include <utility>
#include <variant>

#include "base/clock.h"
#include "core/port_look.h"

namespace bindtrace {
namespace {

constexpr std::size_t kMaxSightings = 1024;
constexpr std::uint64_t kHooksLingerNs = 5'000'000'000;  // a victim that tries each second must not make them flap

std::uint64_t cpu_ns() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<std::uint64_t>(used.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(used.tv_nsec);
}

void wait_for(const UniqueFd& epoll, int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  ::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &event);
}

}  // namespace

Follower::Follower(Probe& probe, const ProcessReader::Options& processes)
    : probe_(probe),
      processes_(processes),
      follow_up_({.look =
                      [&probe](const Request& request) {
                        return look_at_port(request,
                                            [&](std::span<const std::byte> query) { return probe.walk(query); });
                      },
                  .cpu_ns = cpu_ns,
                  .exits = [this](std::uint32_t pid, std::uint64_t start) { return processes_.exits(pid, start); }}),
      removals_(processes.proc_root),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  wait_for(epoll_, exits_.fd());
  wait_for(epoll_, removals_.fd());
}

void Follower::add(const Incident& incident) {
  const auto id = follow_up_.add(incident);
  if (!id) {
    return;
  }
  if (is_path(incident.failure.request.endpoint)) {
    removals_.mind(*id, incident.failure, processes_);
  }
  for (const Holder& holder : incident.holders) {
    const auto& process = holder.process;
    if (process && follow_up_.has_holder(process->pid, process->start_boottime_ns)) {
      exits_.mind({process->pid, process->start_boottime_ns}, [this](std::uint32_t pid, std::uint64_t start) {
        return processes_.alive(pid, start).value_or(false);
      });
    }
  }
}

void Follower::add(Sighting sighting) {
  if (sightings_.size() >= kMaxSightings) {
    sightings_.pop_front();
    dropped_++;
  }
  sightings_.push_back(std::move(sighting));
}

std::vector<Event> Follower::work(std::optional<std::uint64_t> oldest_unshown_ns) {
  const Instant now = read_clocks();
  const std::uint64_t end_ns = oldest_unshown_ns.value_or(std::numeric_limits<std::uint64_t>::max());
  note_exits(now.boottime_ns);
  note_removals(now.boottime_ns);
  note_sightings(end_ns);
  tell_programs(oldest_unshown_ns.has_value());
  tend_hooks(now.boottime_ns);
  follow_up_.work(read_clocks().boottime_ns);
  std::vector<Event> events;
  for (FollowUp::Outcome& outcome : follow_up_.take_outcomes(end_ns)) {
    std::visit(
        [&](auto& event) {
          event.sequel.clock = BootClock(now);  // the wall clock may have been set since the failure
          events.emplace_back(std::move(event));
        },
        outcome);
  }
  if (!events.empty() || ended_ != follow_up_.ended()) {
    ended_ = follow_up_.ended();
    tell_programs(oldest_unshown_ns.has_value());
    forget_the_rest();
  }
  return events;
}

void Follower::forget_the_rest() {
  exits_.forget_unless(
      [this](const Exits::Identity& process) { return follow_up_.has_holder(process.first, process.second); });
  removals_.forget_unless([this](FileRemovals::Id id) { return follow_up_.has_watch(id); });
}

void Follower::note_exits(std::uint64_t now_ns) {
  for (const auto& [pid, start_ns] : exits_.take()) {
    follow_up_.holder_exited(pid, start_ns, now_ns);
  }
}

void Follower::note_removals(std::uint64_t now_ns) {
  for (const FollowUp::Id id : removals_.take(processes_)) {
    follow_up_.file_gone(id, now_ns);
  }
}

void Follower::note_sightings(std::uint64_t end_ns) {
  while (!sightings_.empty() && sightings_.front().head.key.ktime_ns < end_ns) {
    const Sighting sighting = std::move(sightings_.front());
    sightings_.pop_front();
    if (follow_up_.concerns(sighting)) {
      // Who lets go is told by the record alone.
      follow_up_.note(sighting, sighting.kind == SightingKind::kBound
                                    ? processes_.complete(sighting.task, sighting.head.key.ktime_ns)
                                    : Process{});
    } else if (const auto port = sighting.socket.local.port; port && !ports_.contains(*port)) {
      probe_.watch().port[*port] = 0;  // a failure had set it that is not followed
    }
  }
}

void Follower::tell_programs(bool failures_are_pending) {
  bt_watch& watch = probe_.watch();
  auto ports = follow_up_.ports();
  for (const std::uint16_t port : ports_) {
    watch.port[port] = ports.contains(port) ? 1 : 0;
  }
  for (const std::uint16_t port : ports) {
    watch.port[port] = 1;
  }
  ports_ = std::move(ports);
  const bool names = follow_up_.has_names();
  if (!ports_.empty() || !failures_are_pending) {
    watch.ports = ports_.empty() ? 0 : 1;
  }
  if (names || !failures_are_pending) {
    watch.names = names ? 1 : 0;
  }
}

void Follower::tend_hooks(std::uint64_t now_ns) {
  if (follow_up_.waits_for_release()) {
    hooks_idle_since_ns_.reset();
    if (!hooks_attached_) {
      Endings told;
      for (const Ending ending : probe_.attach_ending_hooks()) {
        switch (ending) {
          case Ending::kTcp:
            told.tcp = true;
            break;
          case Ending::kUdp:
            told.udp = true;
            break;
          case Ending::kUnixName:
            told.unix_names = true;
            break;
        }
      }
      follow_up_.set_told(told);
      hooks_attached_ = true;
    }
  } else if (hooks_attached_ && !hooks_idle_since_ns_) {
    hooks_idle_since_ns_ = now_ns;
  } else if (hooks_attached_ && now_ns - *hooks_idle_since_ns_ >= kHooksLingerNs) {
    probe_.detach_ending_hooks();
    hooks_attached_ = false;
    hooks_idle_since_ns_.reset();
    follow_up_.set_told({});
  }
}

std::optional<std::uint64_t> Follower::next_work_ns() const {
  auto next = follow_up_.next_work_ns();
  if (hooks_idle_since_ns_) {
    const std::uint64_t detach = *hooks_idle_since_ns_ + kHooksLingerNs;
    next = next ? std::min(*next, detach) : detach;
  }
  return next;
}

FollowUpStats Follower::stats() const {
  return {.watched = follow_up_.watched(),
          .evicted = follow_up_.evicted(),
          .lost = probe_.watch().lost + dropped_,
          .open = follow_up_.held()};
}

}  // namespace bindtrace
