// SPDX-License-Identifier: Apache-2.0
#include "probe/tier.h"

#include <algorithm>
#include <utility>

namespace bindtrace {
namespace {

// The programs of one hook: the first to run, then its backups; of a kprobe its return, then its entry.
struct Hook {
  std::vector<const char*> programs;
  bool (*exists)(const KernelTypes& kernel) = nullptr;  // null: wherever the tier works
};

// io_uring entry, since 6.11.
bool has_bind_socket(const KernelTypes& kernel) {
  return kernel.has_function("__sys_bind_socket");
}
bool has_listen_socket(const KernelTypes& kernel) {
  return kernel.has_function("__sys_listen_socket");
}

constexpr unsigned kArgumentsWithEntry = 3;  // (ring, request, completion entry)

bool has_io_uring_bind(const KernelTypes& kernel) {
  return kernel.has_struct("io_bind");
}
bool has_new_io_uring_bind(const KernelTypes& kernel) {
  return has_io_uring_bind(kernel) && kernel.tracepoint_arguments("io_uring_complete") == kArgumentsWithEntry;
}
bool has_old_io_uring_bind(const KernelTypes& kernel) {
  return has_io_uring_bind(kernel) && kernel.tracepoint_arguments("io_uring_complete") > kArgumentsWithEntry;
}

const std::vector<Hook>& hooks_of(Tier tier) {
  static const std::vector<Hook> fexit{
      {{"tcp_fexit", "tcp_fexit_2", "tcp_fexit_3"}},
      {{"udp4_fexit", "udp4_fexit_2", "udp4_fexit_3"}},
      {{"udp6_fexit", "udp6_fexit_2", "udp6_fexit_3"}},
      {{"ping_fexit", "ping_fexit_2"}},
      {{"unix_fexit", "unix_fexit_2"}},
      {{"netlink_fexit", "netlink_fexit_2"}},
      {{"bindsk_fexit", "bindsk_fexit_2"}, has_bind_socket},
      {{"listensk_fexit", "listensk_fexit_2"}, has_listen_socket},
      {{"bind_fexit", "bind_fexit_2"}},
      {{"listen_fexit", "listen_fexit_2"}},
  };
  static const std::vector<Hook> kprobe{
      {{"tcp_return", "tcp_entry"}},
      {{"udp4_return", "udp4_entry"}},
      {{"udp6_return", "udp6_entry"}},
      {{"ping_return", "ping_entry"}},
      {{"unix_return", "unix_entry"}},
      {{"netlink_return", "netlink_entry"}},
      {{"bindsk_return", "bindsk_entry"}, has_bind_socket},
      {{"listensk_return", "listensk_entry"}, has_listen_socket},
      {{"bind_return", "bind_entry"}},
      {{"listen_return", "listen_entry"}},
  };
  static const std::vector<Hook> tracepoint{
      {{"sys_exit_tp", "sys_exit_tp_2", "sys_exit_tp_3"}},
      {{"io_uring_tp", "io_uring_tp_2", "io_uring_tp_3"}, has_new_io_uring_bind},
      {{"io_uring_old_tp", "io_uring_old_tp_2", "io_uring_old_tp_3"}, has_old_io_uring_bind},
  };
  switch (tier) {
    case Tier::kFexit:
      return fexit;
    case Tier::kKprobe:
      return kprobe;
    case Tier::kTracepoint:
      break;
  }
  return tracepoint;
}

}  // namespace

std::array<Tier, 3> tiers(bool preemptible) {
  if (preemptible) {
    return {Tier::kKprobe, Tier::kFexit, Tier::kTracepoint};
  }
  return {Tier::kFexit, Tier::kKprobe, Tier::kTracepoint};
}

std::string_view to_string(Tier tier) {
  switch (tier) {
    case Tier::kFexit:
      return "fexit";
    case Tier::kKprobe:
      return "kprobe";
    case Tier::kTracepoint:
      break;
  }
  return "tracepoint";
}

std::vector<const char*> programs_of(Tier tier, bool preemptible, const KernelTypes& kernel) {
  std::vector<const char*> programs;
  for (const Hook& hook : hooks_of(tier)) {
    if (hook.exists != nullptr && !hook.exists(kernel)) {
      continue;
    }
    // A kprobe needs both of its programs, and has no backups: preemption is off while they run.
    const std::size_t count = preemptible || tier == Tier::kKprobe ? hook.programs.size() : 1;
    programs.insert(programs.end(), hook.programs.begin(), hook.programs.begin() + static_cast<std::ptrdiff_t>(count));
  }
  if (tier == Tier::kFexit) {
    std::reverse(programs.begin(), programs.end());
  }
  return programs;
}

std::vector<EndingHook> ending_hooks_of(Tier tier, const KernelTypes& kernel) {
  std::vector<EndingHook> hooks;
  switch (tier) {
    case Tier::kFexit:
      // A program for a function that is not there would keep all of them from being loaded.
      for (const auto& [function, hook] :
           {std::pair{"inet_put_port", EndingHook{Ending::kTcp, "tcp_end_fentry"}},
            std::pair{"udp_lib_unhash", EndingHook{Ending::kUdp, "udp_end_fentry"}},
            std::pair{"unix_release", EndingHook{Ending::kUnixName, "unix_end_fentry"}}}) {
        if (kernel.has_function(function)) {
          hooks.push_back(hook);
        }
      }
      break;
    case Tier::kKprobe:
      hooks = {{Ending::kTcp, "tcp_end_entry"}, {Ending::kUdp, "udp_end_entry"}, {Ending::kUnixName, "unix_end_entry"}};
      break;
    case Tier::kTracepoint:
      if (kernel.tracepoint_arguments("tcp_destroy_sock") != 0) {
        hooks = {{Ending::kTcp, "tcp_end_tp"}};
      }
      break;
  }
  return hooks;
}

}  // namespace bindtrace
