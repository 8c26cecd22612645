// SPDX-License-Identifier: Apache-2.0
#include "enrich/holder_status.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace bindtrace {
namespace {

// Why a search of /proc that found nobody does not mean that there is nobody; absent: it does.
std::optional<std::string> doubt(const std::optional<ProcfsOutcome>& procfs) {
  if (!procfs) {
    return "no search of /proc was made";
  }
  if (procfs->over_budget) {
    return "too many failures at once: the search for its process was left out";
  }
  if (procfs->denied > 0) {
    return fmt::format("not found: {} processes may not be looked into (permission denied)", procfs->denied);
  }
  if (procfs->cut) {
    return "not found: there are more descriptors than the search looks at";
  }
  return std::nullopt;
}

HolderVerdict named(const Holder& holder, const std::optional<ProcfsOutcome>& procfs) {
  const std::string name = label(*holder.process);
  if (holder.source == HolderSource::kOwnerMap && holder.process->alive == false) {
    if (const auto why = doubt(procfs)) {
      return {HolderStatus::kSkipped, fmt::format("{} made the bind and has exited; who has it now: {}", name, *why)};
    }
    return {HolderStatus::kGone, name + " made the bind and has exited; no other process has the socket"};
  }
  if (holder.process->alive == false) {
    return {HolderStatus::kFound, name + " has exited since"};
  }
  return {HolderStatus::kFound, std::nullopt};
}

// There is a socket with a file, and no process to it.
HolderVerdict unnamed(const Scan& scan, const std::optional<ProcfsOutcome>& procfs) {
  if (auto why = doubt(procfs)) {
    return {HolderStatus::kSkipped, std::move(why)};
  }
  if (scan.status == ScanStatus::kComplete) {
    return {HolderStatus::kNone,
            "no process has a descriptor of it: it is on its way over a unix socket, or io_uring alone holds it"};
  }
  if (scan.status == ScanStatus::kMissed) {
    return {HolderStatus::kGone,
            "the search during the failing call did not report (skipped by the kernel, or the ring was full), and "
            "microseconds later no process had the socket"};
  }
  return {HolderStatus::kGone, "whoever held it had closed it before it could be found"};
}

HolderVerdict without_candidates(const Failure& failure) {
  const Endpoint& wanted = failure.request.endpoint;
  if (is_ip(wanted.transport) && wanted.port == 0) {
    return {HolderStatus::kNone, "port 0 was asked for: no single socket is in its way"};
  }
  if (!failure.walked) {
    return {HolderStatus::kSkipped, fmt::format("the kernel's table of {} {} is not read", to_string(wanted.transport),
                                                is_ip(wanted.transport) ? "ports" : "addresses")};
  }
  if (failure.socket_count == 0) {
    return {HolderStatus::kGone, "nothing was on the port any more when the kernel was asked, microseconds later"};
  }
  if (failure.walk_truncated || failure.sockets_cut) {
    return {HolderStatus::kSkipped, "too many sockets on the port: not all were looked at"};
  }
  return {HolderStatus::kChanged, "the sockets on the port are not the ones that refused: none overlaps the request"};
}

}  // namespace

HolderVerdict judge_holders(const Failure& failure, const std::vector<Holder>& holders,
                            const std::optional<ProcfsOutcome>& procfs) {
  const auto overlaps = [](const Holder& holder) { return holder.socket.overlaps; };
  const auto first = std::find_if(holders.begin(), holders.end(), overlaps);
  if (first == holders.end()) {
    return without_candidates(failure);
  }
  if (first->process) {
    return named(*first, procfs);
  }
  if (first->socket.kernel_socket) {
    return {HolderStatus::kKernel, "the socket is the kernel's own: no process opened it"};
  }
  if (first->socket.time_wait) {
    return {HolderStatus::kNone, "TIME_WAIT: the kernel keeps the address of a closed connection, no process does"};
  }
  if (!first->socket.inode) {
    return {HolderStatus::kNone, fmt::format("a connection in state {} that no process has a descriptor of",
                                             to_string(first->socket.state))};
  }
  return unnamed(failure.scan, procfs);
}

}  // namespace bindtrace
