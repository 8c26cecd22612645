// SPDX-License-Identifier: Apache-2.0
// The kernel side, running: the best tier that works here, its ring and its counters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "probe/object.h"
#include "probe/port_walk.h"
#include "probe/ring.h"
#include "probe/self_check.h"
#include "probe/socket_search.h"
#include "probe/tier.h"

namespace bindtrace {

// A tier that was tried and does not work here.
struct Refusal {
  Tier tier;
  std::string reason;
};

class Probe {
 public:
  struct Options {
    std::optional<Tier> tier;  // absent: the best that loads, attaches and passes the self-check
    bool preemptible = true;   // the kernel may take the CPU from a program: attach its backups too
    std::uint32_t ring_bytes = 0;
    bool bound_by = true;  // record who binds, see Object::Settings
    // A bt_filter, see Object::Settings.
    std::vector<std::byte> filter{};
  };

  // ErrorKind::kPrivilege: a right is missing; kUnsupported: no tier works on this kernel.
  // `refused` gets the tiers that were tried in vain, in that order, also where none works.
  static Result<Probe> start(const Options& options, std::vector<Refusal>* refused = nullptr);

  [[nodiscard]] Tier tier() const { return tier_; }
  // Why the self-check could not be made; absent: it passed.
  [[nodiscard]] const std::optional<std::string>& unproven() const { return unproven_; }

  Ring& ring() { return ring_; }
  // Records that came in during the start; to be read before the ring.
  EarlyRecords take_early() { return std::exchange(early_, {}); }
  // No failure is seen any more; what is in the ring can still be read, and counters are final.
  void stop() { object_.detach(); }
  // After stop(): failures are seen again. fexit programs cannot before 5.13 (kernel commit f3a95075549e).
  Result<void> resume() { return object_.attach(); }
  [[nodiscard]] std::uint32_t own_tgid() const { return object_.own_tgid(); }
  [[nodiscard]] bt_counters counters() const { return object_.counters(); }
  [[nodiscard]] std::uint64_t missed() const { return object_.missed(); }
  [[nodiscard]] std::optional<std::vector<std::byte>> binder_of(std::uint64_t inode) const {
    return object_.binder_of(inode);
  }
  [[nodiscard]] std::optional<std::vector<std::byte>> stop_of(std::uint32_t tgid) const {
    return object_.stop_of(tgid);
  }
  // bt_holding records for a bt_query; see SocketSearch.
  Result<std::vector<std::byte>> search(std::span<const std::byte> query) { return search_.search(object_, query); }
  // A bt_failure for a bt_query; see walk_port().
  [[nodiscard]] Result<std::vector<std::byte>> walk(std::span<const std::byte> query) const {
    return walk_port(object_, query);
  }
  // What the programs tell of beside failures; while hooks for endings are attached, also when an address is given up.
  [[nodiscard]] bt_watch& watch() const { return object_.watch(); }
  std::vector<Ending> attach_ending_hooks() { return object_.attach_ending_hooks(); }
  void detach_ending_hooks() { object_.detach_ending_hooks(); }

 private:
  Probe(Tier tier, Object object, Ring ring, EarlyRecords early);
  static Result<Probe> start_tier(Tier tier, Object::Settings settings);

  Tier tier_;
  Object object_;
  SocketSearch search_;
  Ring ring_;
  EarlyRecords early_;
  std::optional<std::string> unproven_;
};

}  // namespace bindtrace
