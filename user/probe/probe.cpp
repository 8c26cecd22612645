// SPDX-License-Identifier: Apache-2.0
#include "probe/probe.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "probe/libbpf_log.h"
#include "probe/privilege.h"

namespace bindtrace {
Probe::Probe(Tier tier, Object object, Ring ring, EarlyRecords early)
    : tier_(tier), object_(std::move(object)), ring_(std::move(ring)), early_(std::move(early)) {}

Result<Probe> Probe::start_tier(Tier tier, Object::Settings settings) {
  // kprobe programs run with preemption off (trace_call_bpf in kernel/trace/bpf_trace.c).
  settings.preemptible = settings.preemptible && tier != Tier::kKprobe;
  auto object = Object::load(tier, settings);
  if (!object) {
    return tl::unexpected(object.error());
  }
  auto ring = Ring::open(object->ring_fd());
  if (!ring) {
    return tl::unexpected(ring.error());
  }
  if (auto done = object->attach(); !done) {
    return tl::unexpected(done.error());
  }
  // After attaching, so that no bind is missed in between.
  if (const auto seeded = object->seed_binders(); !seeded) {
    spdlog::warn("{}: who bound the sockets that are there already stays unknown", seeded.error().message);
  }
  EarlyRecords early;
  std::optional<std::string> unproven;
  if (auto done = self_check(*ring, early); !done) {
    if (done.error().kind != ErrorKind::kSystem) {
      return tl::unexpected(done.error());
    }
    spdlog::warn("the self-check could not be made ({}): nothing proves that tier {} delivers here",
                 done.error().message, to_string(tier));
    unproven = std::move(done.error().message);
  }
  Probe probe(tier, std::move(*object), std::move(*ring), std::move(early));
  probe.unproven_ = std::move(unproven);
  return probe;
}

Result<Probe> Probe::start(const Options& options, std::vector<Refusal>* refused) {
  log_libbpf();
  if (auto possible = check_all(); !possible) {
    return tl::unexpected(possible.error());
  }
  const Object::Settings settings{.variant = variant_of_this_kernel(),
                                  .preemptible = options.preemptible,
                                  .bound_by = options.bound_by,
                                  .ring_bytes = options.ring_bytes,
                                  .filter = options.filter};
  std::vector<Refusal> none_asked;
  std::vector<Refusal>& refusals = refused != nullptr ? *refused : none_asked;
  bool for_privilege = false;
  bool for_the_kernel = options.tier && has_sys_admin();
  for (const Tier tier : tiers(options.preemptible)) {
    if (options.tier && *options.tier != tier) {
      continue;
    }
    const auto offered = check_offered(tier);
    auto probe = offered ? start_tier(tier, settings) : Result<Probe>(tl::unexpected(offered.error()));
    if (probe) {
      return probe;
    }
    spdlog::debug("tier {} does not work here: {}", to_string(tier), probe.error().message);
    if (offered) {  // otherwise nothing was tried that could tell
      (probe.error().kind == ErrorKind::kPrivilege ? for_privilege : for_the_kernel) = true;
    }
    refusals.push_back({tier, std::move(probe.error().message)});
  }
  std::string reasons;
  for (const Refusal& refusal : refusals) {
    reasons += reasons.empty() ? "" : "; ";
    reasons += std::string(to_string(refusal.tier)) + ": " + refusal.reason;
  }
  if (for_privilege && !for_the_kernel) {
    return fail(
        ErrorKind::kPrivilege,
        "the kernel does not let this process trace (" + reasons +
            "): CAP_BPF and CAP_PERFMON must be those of the initial user namespace, run it as root outside containers "
            "whose seccomp profile or user namespace forbids bpf(2)");
  }
  const std::string what = options.tier ? "--attach=" + std::string(to_string(*options.tier)) + " does not work"
                                        : std::string("no tier works");
  return fail(ErrorKind::kUnsupported, what + " on this kernel (" + reasons + ")");
}

}  // namespace bindtrace
