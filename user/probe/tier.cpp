// SPDX-License-Identifier: Apache-2.0
#include "probe/tier.h"

#include <span>

namespace bindtrace {
namespace {

constexpr const char* kFexitPrograms[] = {"bind_fexit", "listen_fexit", "tcp_fexit", "udp4_fexit", "udp6_fexit"};
constexpr const char* kFexitBackups[] = {
    "bind_fexit_2", "listen_fexit_2", "tcp_fexit_3",  "udp4_fexit_3",
    "udp6_fexit_3", "tcp_fexit_2",    "udp4_fexit_2", "udp6_fexit_2",
};

// A return before its entry: the kernel drops them in reverse order, and entries without a return are not unpaired.
constexpr const char* kKprobePrograms[] = {
    "bind_return", "bind_entry",  "listen_return", "listen_entry", "tcp_return",
    "tcp_entry",   "udp4_return", "udp4_entry",    "udp6_return",  "udp6_entry",
};

constexpr const char* kTracepointPrograms[] = {"sys_exit_tp"};
constexpr const char* kTracepointBackups[] = {"sys_exit_tp_2", "sys_exit_tp_3"};

std::vector<const char*> in_order(std::span<const char* const> first, std::span<const char* const> then) {
  std::vector<const char*> programs(first.begin(), first.end());
  programs.insert(programs.end(), then.begin(), then.end());
  return programs;
}

}  // namespace

std::string_view to_string(Tier tier) {
  switch (tier) {
    case Tier::kFexit:
      return "fexit";
    case Tier::kKprobe:
      return "kprobe";
    case Tier::kTracepoint:
      return "tracepoint";
  }
  return "unknown";
}

std::vector<const char*> programs_of(Tier tier, bool preemptible) {
  switch (tier) {
    case Tier::kFexit:
      return in_order(preemptible ? std::span(kFexitBackups) : std::span<const char* const>(), kFexitPrograms);
    case Tier::kKprobe:
      return in_order(kKprobePrograms, {});
    case Tier::kTracepoint:
      return in_order(kTracepointPrograms,
                      preemptible ? std::span(kTracepointBackups) : std::span<const char* const>());
  }
  return {};
}

}  // namespace bindtrace
