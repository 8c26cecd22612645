// SPDX-License-Identifier: Apache-2.0
#include "probe/tier.h"

namespace bindtrace {
namespace {

constexpr const char* kFexitPrograms[] = {
    "bind_fexit",      "listen_fexit", "tcp_fexit_scan", "udp4_fexit_scan",
    "udp6_fexit_scan", "tcp_fexit",    "udp4_fexit",     "udp6_fexit",
};

constexpr const char* kTracepointPrograms[] = {"sys_exit_tp", "sys_exit_tp_scan"};

}  // namespace

std::string_view to_string(Tier tier) {
  switch (tier) {
    case Tier::kFexit:
      return "fexit";
    case Tier::kTracepoint:
      return "tracepoint";
  }
  return "unknown";
}

std::span<const char* const> programs_of(Tier tier) {
  switch (tier) {
    case Tier::kFexit:
      return kFexitPrograms;
    case Tier::kTracepoint:
      return kTracepointPrograms;
  }
  return {};
}

}  // namespace bindtrace
