// SPDX-License-Identifier: Apache-2.0
// One address that is followed up: what was seen of it, and what follows from that.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/sequel.h"
#include "core/sighting.h"

namespace bindtrace {

// The endings of sockets that the kernel side tells of.
struct Endings {
  bool tcp = false;
  bool udp = false;
  bool unix_names = false;
};

struct WatchedAddress {
  // A process that had the address at a failure.
  struct Holder {
    std::uint32_t pid = 0;
    std::uint64_t start_boottime_ns = 0;
    std::string comm;
    std::optional<std::uint64_t> inode;  // of its socket
    bool exited = false;
  };
  // The successful bind or listen of the victim or its successor.
  struct Success {
    std::uint64_t ktime_ns = 0;
    Process process;
  };
  // A socket that was bound since the failure, and who bound it: not what refused.
  struct Newcomer {
    std::uint32_t pid = 0;
    std::optional<std::uint64_t> inode;
  };
  // What blocked at the last look.
  struct Blockers {
    bool any = true;
    bool time_wait_only = false;
    bool processless = false;       // orphans and TIME_WAIT only
    bool with_peer = false;         // some connection is among them
    std::uint32_t shortest_ms = 0;  // with time_wait_only: until the first of them ends
  };

  explicit WatchedAddress(const Incident& incident);
  // It was free, and is refused again: the same story, with other holders.
  WatchedAddress(const WatchedAddress& before, std::uint64_t held_again_ns);

  // The victim failed again, or another process of its kind.
  void add_failure(const Incident& incident);
  [[nodiscard]] bool is_of(const Incident& incident) const;

  [[nodiscard]] bool overlaps(const Sighting& sighting) const;
  void note(const Sighting& sighting, const Process& process);
  void note_exit(std::uint32_t pid, std::uint64_t start_boottime_ns, std::uint64_t now_ns);
  // What a look found. True: nothing that could block is left of what was there before.
  bool note_look(const Failure& answer);

  // When to look next after a look that found it blocked.
  [[nodiscard]] std::uint64_t next_look_after(std::uint64_t now_ns, const Endings& told) const;
  // The next look is due because something happened.
  [[nodiscard]] bool is_urgent() const { return next_look_ns && *next_look_ns < settles_until_ns; }
  [[nodiscard]] Released released(std::uint64_t ktime_ns) const;
  [[nodiscard]] Sequel sequel() const;
  // What to count for a look that has cost so much: one that was disturbed, as by a host that took the CPU from us,
  // does not count more than the one before it, nor the first more than a millisecond.
  std::uint64_t charge(std::uint64_t cost_ns);
  void add_holder(const Holder& holder);
  [[nodiscard]] bool is_of_newcomer(const Sighting& sighting) const;

  std::uint64_t id = 0;
  Request request;  // of the latest failure
  Process victim;
  EventKey first;
  std::uint64_t held_since_ns = 0;  // the first failure since it was free
  std::uint64_t last_failure_ns = 0;
  std::uint64_t failures = 0;
  std::vector<Holder> holders;
  bool holders_cut = false;  // there are or were others, or what became of one cannot be told
  std::optional<Holder> last_exit;
  std::vector<Newcomer> bound_since;  // while it was watched
  std::optional<Sighting> freed;      // the last socket that ended
  std::optional<Success> success;
  std::uint64_t settles_until_ns = 0;  // something ended just now: it may take a moment to be gone
  Blockers blockers;
  std::uint64_t last_cost_ns = 1'000'000;  // of a look
  bool over = false;                       // the network namespace is gone
  std::optional<std::uint64_t> released_ns;
  std::optional<std::uint64_t> next_look_ns;  // absent: there is nothing to look at
  std::string tier;
  std::shared_ptr<const HostFacts> host;
  BootClock clock;
};

}  // namespace bindtrace
