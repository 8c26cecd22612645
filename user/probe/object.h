// SPDX-License-Identifier: Apache-2.0
// One loaded and attached BPF object: the programs of one tier, and the memory it shares with us.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "probe/embedded_objects.h"
#include "probe/map_memory.h"
#include "probe/records.h"
#include "probe/tier.h"
#include "wire.h"

struct bpf_link;
struct bpf_object;

namespace bindtrace {

Variant variant_of_this_kernel();

class Object {
 public:
  struct Settings {
    Variant variant = Variant::kLoop;
    bool preemptible = true;       // attach the programs' backups too, see programs_of()
    bool bound_by = true;          // record who binds
    std::uint32_t ring_bytes = 0;  // as for BPF_MAP_TYPE_RINGBUF
    // A bt_filter; empty: every victim is wanted.
    std::vector<std::byte> filter{};
  };

  // Loads only the tier's programs. Any Error: this tier does not work here, or (kPrivilege) the kernel does not let
  // us.
  static Result<Object> load(Tier tier, const Settings& settings);
  // No tier's programs, only those that user space runs: see PortWalk.
  static Result<Object> load_to_ask(Variant variant);

  Object(Object&&) noexcept;
  Object& operator=(Object&&) noexcept;
  ~Object();

  Result<void> attach();
  // In reverse order; what is in the ring stays there.
  void detach();

  // The hooks that tell when a watched address is given up; those that could be attached. Idempotent.
  std::vector<Ending> attach_ending_hooks();
  // The fexit tier of the bounded variant keeps them.
  void detach_ending_hooks();

  // Records who has which bound socket now, where no bind was seen. Nothing where binds are not recorded.
  [[nodiscard]] Result<void> seed_binders() const;
  // The bt_binder of a socket; absent or empty: its bind was not recorded.
  [[nodiscard]] std::optional<std::vector<std::byte>> binder_of(std::uint64_t inode) const;
  // The bt_stop of a process; empty: no signal to stop was seen; absent: that is not known.
  [[nodiscard]] std::optional<std::vector<std::byte>> stop_of(std::uint32_t tgid) const;

  [[nodiscard]] int ring_fd() const;
  // What search_files looks for, and the program itself: see SocketSearch. They are there before attach() and after
  // detach().
  [[nodiscard]] bt_query& query() const { return *static_cast<bt_query*>(query_memory_.get()); }
  [[nodiscard]] int search_fd() const;
  // The walk and its answer: see walk_port().
  [[nodiscard]] int walk_fd() const;
  [[nodiscard]] bt_failure& answer() const { return *static_cast<bt_failure*>(answer_memory_.get()); }
  // What the programs tell of beside failures.
  [[nodiscard]] bt_watch& watch() const { return *static_cast<bt_watch*>(watch_memory_.get()); }
  // Ours, as the programs see it: in the initial pid namespace.
  [[nodiscard]] std::uint32_t own_tgid() const;
  // A copy: the programs go on counting.
  [[nodiscard]] bt_counters counters() const;
  // Runs of our programs that the kernel skipped: as it counts them (5.12+; of kprobes 6.7+), and on the kprobe tier
  // entries and returns without each other, on any kernel. Some are in both. Final after detach().
  [[nodiscard]] std::uint64_t missed() const;

 private:
  struct FreeObject {
    void operator()(bpf_object* object) const;
  };
  struct FreeLink {
    void operator()(bpf_link* link) const;
  };

  Object(std::vector<const char*> programs, bpf_object* object);
  static Result<Object> open(Variant variant, std::vector<const char*> programs);
  Result<void> load_with(const std::vector<const char*>& more);
  Result<void> open_records(bool bound_by);
  Result<void> map_memory();
  Result<void> learn_own_tgid();
  void attach_signals();
  [[nodiscard]] bt_live& live() const { return *static_cast<bt_live*>(live_memory_.get()); }
  [[nodiscard]] std::uint64_t calls_without_return() const;

  std::vector<const char*> programs_;  // in the order in which they are attached
  std::unique_ptr<bpf_object, FreeObject> object_;
  std::vector<std::unique_ptr<bpf_link, FreeLink>> links_;
  std::vector<EndingHook> ending_hooks_;
  bool endings_attach_once_ = false;  // a trampoline takes a program no second time before 5.13 (f3a95075549e)
  std::vector<Ending> endings_told_;  // by the attached of them
  std::vector<std::unique_ptr<bpf_link, FreeLink>> ending_links_;
  MapMemory live_memory_;
  MapMemory query_memory_;
  MapMemory answer_memory_;
  MapMemory watch_memory_;
  bool sees_signals_ = false;  // the program is attached
  std::optional<Records> binders_;
  std::optional<Records> stops_;
};

}  // namespace bindtrace
