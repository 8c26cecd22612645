// SPDX-License-Identifier: Apache-2.0
#include "core/watched_address.h"

#include <algorithm>
#include <utility>

#include "core/blocking.h"
#include "core/successor.h"

namespace bindtrace {
namespace {

constexpr std::size_t kMaxHolders = 16;
constexpr std::size_t kMaxBoundSince = 16;
constexpr std::size_t kBlockingSamples = 10;  // BT_KEEP_BLOCKING: so many listening and bound sockets an answer holds
constexpr std::uint64_t kMs = 1'000'000;
constexpr std::uint64_t kSecond = 1000 * kMs;
constexpr std::uint64_t kSettling = 100 * kMs;  // the kernel side tells of an ending just before it happens

bool one_table(Transport a, Transport b) {
  const auto table = [](Transport transport) { return transport == Transport::kMptcp ? Transport::kTcp : transport; };
  return table(a) == table(b);
}

bool addresses_overlap(const std::optional<IpAddress>& a, const std::optional<IpAddress>& b) {
  return !a || !b || a->is_wildcard() || b->is_wildcard() || without_mapping(*a) == without_mapping(*b);
}

bool is_one_endpoint(const Endpoint& watched, const Endpoint& seen) {
  if (!is_ip(watched.transport)) {
    return watched == seen;
  }
  return one_table(watched.transport, seen.transport) && watched.port == seen.port &&
         addresses_overlap(watched.address, seen.address);
}

// An answer holds samples of each class. Connections have SO_REUSEADDR from their listener: where it lets the request
// pass all that were seen, it does so with the rest.
bool shows_all_that_blocks(const Failure& answer, const Request& request) {
  if (answer.walk_truncated) {
    return false;
  }
  const auto is_bound = [](const HolderSocket& socket) {
    return socket.overlaps && (socket.state == SocketState::kListen || socket.state == SocketState::kClose);
  };
  const auto bound = std::count_if(answer.sockets.begin(), answer.sockets.end(), is_bound);
  return !answer.sockets_cut || (request.options.reuseaddr && static_cast<std::size_t>(bound) < kBlockingSamples);
}

}  // namespace

WatchedAddress::WatchedAddress(const Incident& incident)
    : victim(incident.victim),
      first(incident.failure.head.key),
      held_since_ns(first.ktime_ns),
      tier(incident.tier),
      host(incident.host) {
  add_failure(incident);
}

WatchedAddress::WatchedAddress(const WatchedAddress& before, std::uint64_t held_again_ns)
    : id(before.id),
      victim(before.victim),
      first(before.first),
      held_since_ns(held_again_ns),
      failures(before.failures),
      tier(before.tier),
      host(before.host) {}

bool WatchedAddress::is_of(const Incident& incident) const {
  const Request& other = incident.failure.request;
  return request.endpoint == other.endpoint && request.netns == other.netns && request.mount_ns == other.mount_ns &&
         is_successor(victim, incident.victim);
}

void WatchedAddress::add_failure(const Incident& incident) {
  const std::uint64_t when = incident.failure.head.key.ktime_ns;
  failures++;
  if (released_ns && when < *released_ns) {
    return;  // it was shown late
  }
  if (released_ns) {
    *this = WatchedAddress(*this, when);
  }
  request = incident.failure.request;
  clock = incident.clock;
  last_failure_ns = when;
  bound_since.clear();  // what was bound before it may be what blocks now
  freed.reset();
  note_look(incident.failure);
  holders_cut = holders_cut || owners_without_record(incident.failure) > 0;
  for (const bindtrace::Holder& holder : incident.holders) {
    if (holder.process && could_block(holder.socket, request)) {
      add_holder({holder.process->pid, holder.process->start_boottime_ns, holder.process->comm, holder.socket.inode});
    }
  }
  if (is_ip(request.endpoint.transport)) {
    next_look_ns = when;
  }
}

void WatchedAddress::add_holder(const Holder& holder) {
  const bool known = std::any_of(holders.begin(), holders.end(), [&](const Holder& other) {
    return other.pid == holder.pid && other.start_boottime_ns == holder.start_boottime_ns &&
           other.inode == holder.inode;
  });
  if (!known && holders.size() < kMaxHolders) {
    holders.push_back(holder);
  } else if (!known) {
    holders_cut = true;
  }
}

bool WatchedAddress::overlaps(const Sighting& sighting) const {
  const bool anywhere = is_path(request.endpoint);  // a file is one in all network namespaces
  return (anywhere || sighting.netns == request.netns) && is_one_endpoint(request.endpoint, sighting.socket.local);
}

void WatchedAddress::note(const Sighting& sighting, const Process& process) {
  const std::uint64_t when = sighting.head.key.ktime_ns;
  if (when < last_failure_ns || success) {
    return;
  }
  next_look_ns = when;
  settles_until_ns = when + kSettling;
  if (sighting.kind == SightingKind::kFreed) {
    if (!released_ns && !is_of_newcomer(sighting)) {
      freed = sighting;
    }
    return;
  }
  if (bound_since.size() < kMaxBoundSince) {
    bound_since.push_back({sighting.task.pid, sighting.socket.inode});
  }
  const bool as_wanted = request.operation == Operation::kBind || sighting.socket.state == SocketState::kListen;
  if (as_wanted && is_successor(victim, process)) {
    success = Success{when, process};
  }
}

// By the process where tcp's socket has lost its inode.
bool WatchedAddress::is_of_newcomer(const Sighting& sighting) const {
  const std::uint32_t pid = sighting.task.pid;
  const bool held_before =
      std::any_of(holders.begin(), holders.end(), [&](const Holder& holder) { return holder.pid == pid; });
  return std::any_of(bound_since.begin(), bound_since.end(), [&](const Newcomer& newcomer) {
    return sighting.socket.inode ? sighting.socket.inode == newcomer.inode : newcomer.pid == pid && !held_before;
  });
}

void WatchedAddress::note_exit(std::uint32_t pid, std::uint64_t start_boottime_ns, std::uint64_t now_ns) {
  for (Holder& holder : holders) {
    if (holder.pid != pid || holder.start_boottime_ns != start_boottime_ns) {
      continue;
    }
    holder.exited = true;
    last_exit = holder;
    if (next_look_ns) {
      next_look_ns = now_ns;
      settles_until_ns = now_ns + kSettling;
    }
  }
}

bool WatchedAddress::note_look(const Failure& answer) {
  Blockers now{.any = !shows_all_that_blocks(answer, request), .time_wait_only = true, .processless = true};
  const bool all_shown = !now.any;
  for (const HolderSocket& socket : answer.sockets) {
    const bool newer =
        socket.inode && std::any_of(bound_since.begin(), bound_since.end(),
                                    [&](const Newcomer& newcomer) { return newcomer.inode == socket.inode; });
    if (newer || !could_block(socket, request)) {
      continue;
    }
    now.any = true;
    now.time_wait_only = now.time_wait_only && socket.time_wait;
    now.processless = now.processless && !socket.inode;
    now.with_peer = now.with_peer || socket.peer;
    if (socket.time_wait) {
      const std::uint32_t left = socket.time_wait_ms_left.value_or(0);
      now.shortest_ms = now.shortest_ms == 0 ? left : std::min(now.shortest_ms, left);
    }
  }
  if (!now.any) {
    return true;  // what blocked until now tells who let go
  }
  if (!all_shown) {
    now.time_wait_only = now.processless = false;
  }
  const std::uint64_t when = answer.head.key.ktime_ns;
  if (freed && (now.processless || when > freed->head.key.ktime_ns + kSettling)) {
    freed.reset();  // it was not the last
  }
  blockers = now;
  return false;
}

std::uint64_t WatchedAddress::next_look_after(std::uint64_t now_ns, const Endings& told) const {
  const Transport transport = request.endpoint.transport;
  const bool tcp = transport == Transport::kTcp || transport == Transport::kMptcp;
  const std::uint64_t age = now_ns - std::min(now_ns, held_since_ns);
  if (now_ns < settles_until_ns) {
    return now_ns + 2 * kMs;
  }
  if (blockers.time_wait_only) {
    // The timer of the kernel is late by up to an eighth.
    const std::uint64_t left = blockers.shortest_ms * kMs;
    return now_ns + std::clamp(left + kMs, 50 * kMs, 5 * kSecond);
  }
  if (!blockers.with_peer && (tcp ? told.tcp : told.udp)) {
    return now_ns + std::clamp(age / 10, kSecond, 60 * kSecond);  // should the kernel have skipped the program
  }
  return now_ns + std::clamp(age / 1000, 10 * kMs, kSecond);
}

std::uint64_t WatchedAddress::charge(std::uint64_t cost_ns) {
  return std::min(cost_ns, std::exchange(last_cost_ns, cost_ns));
}

Sequel WatchedAddress::sequel() const {
  return {.endpoint = request.endpoint,
          .netns = request.netns,
          .place = victim.place,
          .first = first,
          .failures = failures,
          .ktime_ns = 0,
          .observed_boottime_ns = 0,
          .tier = tier,
          .host = host,
          .clock = clock};
}

Released WatchedAddress::released(std::uint64_t ktime_ns) const {
  Released event;
  event.sequel = sequel();
  event.sequel.ktime_ns = ktime_ns;
  event.after_ns = ktime_ns - std::min(ktime_ns, held_since_ns);
  const auto by = [&](LetGo how, std::uint32_t pid, const std::string& comm) {
    event.how = how;
    event.pid = pid;
    event.comm = comm;
    return event;
  };
  if (is_path(request.endpoint)) {
    event.how = LetGo::kFileRemoved;
    return event;
  }
  if (freed && !freed->task.kernel_thread) {
    return by(freed->task.exiting ? LetGo::kExited : LetGo::kClosed, freed->task.pid, freed->task.comm);
  }
  if (blockers.time_wait_only || blockers.processless) {
    event.how = blockers.time_wait_only ? LetGo::kTimeWaitEnded : LetGo::kConnectionEnded;
    return event;
  }
  const auto exited = std::count_if(holders.begin(), holders.end(), [](const Holder& holder) { return holder.exited; });
  if (holders.empty() || holders_cut) {
    return event;
  }
  if (static_cast<std::size_t>(exited) == holders.size()) {
    return by(LetGo::kExited, last_exit->pid, last_exit->comm);
  }
  // Its descriptor is gone, whoever had the last one.
  const bool one = std::all_of(holders.begin(), holders.end(),
                               [&](const Holder& holder) { return holder.pid == holders.front().pid; });
  if (one && exited == 0) {
    return by(LetGo::kClosed, holders.front().pid, holders.front().comm);
  }
  return event;
}

}  // namespace bindtrace
