// SPDX-License-Identifier: Apache-2.0
// Follows the addresses of incidents up: when each was free, who let go, and when its victim got it. Pure: what it is
// told, and the looks that it asks for, are all it knows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <set>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "core/sequel.h"
#include "core/sighting.h"
#include "core/watched_address.h"

namespace bindtrace {

class FollowUp {
 public:
  using Id = std::uint64_t;
  using Outcome = std::variant<Released, Bound>;

  struct Options {
    // The sockets on the port now, as if the request failed now. ErrorKind::kUsage: its network namespace is gone.
    std::function<Result<Failure>(const Request&)> look;
    std::function<std::uint64_t()> cpu_ns;
    // Whether that process has exited or begun to, which comes before we are told; absent: it cannot be told.
    std::function<std::optional<bool>(std::uint32_t pid, std::uint64_t start_boottime_ns)> exits;
    std::size_t watches = 256;  // beyond it the oldest is given up and counted
    std::uint64_t after_release_ns = 600'000'000'000;
    std::uint64_t after_failure_ns = 86'400'000'000'000;
    // Looks take at most this part of one core; those for something that happened just now, at most the other.
    std::uint64_t cost_divisor = 100;
    std::uint64_t urgent_cost_divisor = 5;
  };

  explicit FollowUp(Options options) : options_(std::move(options)) {}

  // Absent: such an address is not followed, or this victim is waiting for it already.
  std::optional<Id> add(const Incident& incident);

  // `process` is the sighting's task, completed.
  void note(const Sighting& sighting, const Process& process);
  // Whether a sighting is of an address that is followed.
  [[nodiscard]] bool concerns(const Sighting& sighting) const;
  void holder_exited(std::uint32_t pid, std::uint64_t start_boottime_ns, std::uint64_t now_ns);
  // The file of a Unix path is gone.
  void file_gone(Id id, std::uint64_t now_ns);
  // Which endings the kernel side tells of: others are looked for.
  void set_told(Endings told) { told_ = told; }

  // Looks at what is due, and gives up what has been waited for long enough.
  void work(std::uint64_t now_ns);
  [[nodiscard]] std::optional<std::uint64_t> next_work_ns() const;
  // Those from before that time, in order: until all failures from before have been added, more may be known of one.
  std::vector<Outcome> take_outcomes(std::uint64_t before_ns);

  [[nodiscard]] std::set<std::uint16_t> ports() const;
  [[nodiscard]] bool has_names() const;
  // Some address is still held: endings are worth being told.
  [[nodiscard]] bool waits_for_release() const;
  [[nodiscard]] bool has_watch(Id id) const;
  [[nodiscard]] bool has_holder(std::uint32_t pid, std::uint64_t start_boottime_ns) const;
  [[nodiscard]] std::uint64_t watched() const { return next_id_; }
  [[nodiscard]] std::uint64_t evicted() const { return evicted_; }
  [[nodiscard]] std::uint64_t held() const;                                         // those that have not become free
  [[nodiscard]] std::uint64_t ended() const { return next_id_ - watches_.size(); }  // evicted ones too

 private:
  using Watches = std::list<WatchedAddress>;

  void correct_outcomes(const WatchedAddress& watch, std::uint64_t failure_ns);
  void look_at(WatchedAddress& watch, std::uint64_t now_ns);
  void look_at_name(WatchedAddress& watch, std::uint64_t now_ns);
  void release(WatchedAddress& watch, std::uint64_t ktime_ns, std::uint64_t now_ns);
  void finish(const WatchedAddress& watch, std::uint64_t now_ns);
  [[nodiscard]] std::uint64_t look_ns(const WatchedAddress& watch) const;  // when it may be made
  [[nodiscard]] std::uint64_t expiry_ns(const WatchedAddress& watch) const;

  Options options_;
  Watches watches_;  // the oldest first
  Endings told_;
  std::vector<Outcome> outcomes_;
  std::uint64_t next_id_ = 0;
  std::uint64_t evicted_ = 0;
  std::uint64_t rest_until_ns_ = 0;  // looks pay for their cost by a pause
  std::uint64_t short_rest_until_ns_ = 0;
};

}  // namespace bindtrace
