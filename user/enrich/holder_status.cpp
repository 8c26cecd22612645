// SPDX-License-Identifier: Apache-2.0
#include "enrich/holder_status.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace bindtrace {
namespace {

// Why finding nobody does not mean that there is nobody; absent: it does.
std::optional<std::string> doubt(const std::optional<SearchOutcome>& search) {
  return search ? search->doubt : "no search for its process was made";
}

HolderVerdict named(const Holder& holder) {
  const std::string name = label(*holder.process);
  if (holder.process->alive == false) {
    return {HolderStatus::kFound, name + " has exited since"};
  }
  if (holder.closed_since == true) {
    return {HolderStatus::kFound, name + " has closed it since"};
  }
  return {HolderStatus::kFound, std::nullopt};
}

// There is a socket with a file, and no process to it.
HolderVerdict unnamed(const Scan& scan, const std::optional<SearchOutcome>& search) {
  if (auto why = doubt(search)) {
    return {HolderStatus::kSkipped, std::move(why)};
  }
  if (scan.status == ScanStatus::kComplete) {
    return without_descriptor();
  }
  if (scan.status == ScanStatus::kMissed) {
    return {HolderStatus::kGone,
            "the search during the failing call did not report (skipped by the kernel, or the ring was full), and "
            "microseconds later no process had the socket"};
  }
  return {HolderStatus::kGone, "whoever held it had closed it before it could be found"};
}

// The address has no bind table that is walked: all there is to go by is the search.
HolderVerdict nobody_bound_to(const Endpoint& wanted, const std::optional<SearchOutcome>& search,
                              std::optional<PathFile> path_file) {
  if (path_file == PathFile::kNothing) {
    return {HolderStatus::kGone, "the file was gone when it was looked for, microseconds later"};
  }
  if (path_file && *path_file != PathFile::kSocket) {
    return {HolderStatus::kNone,
            fmt::format("{} is there: bind makes a file of its own and replaces none", to_string(*path_file))};
  }
  if (!search) {
    return {HolderStatus::kSkipped,
            fmt::format("the holders of {} addresses are not looked for", to_string(wanted.transport))};
  }
  if (auto why = doubt(search)) {
    return {HolderStatus::kSkipped, std::move(why)};
  }
  if (path_file) {
    return {HolderStatus::kNone, "the file is there, but no process has the socket that made it"};
  }
  return {HolderStatus::kGone, "whoever held it had closed it before it could be found"};
}

HolderVerdict without_candidates(const Failure& failure, const std::optional<SearchOutcome>& search,
                                 std::optional<PathFile> path_file) {
  const Endpoint& wanted = failure.request.endpoint;
  if (is_ip(wanted.transport) && wanted.port == 0) {
    return {HolderStatus::kNone, "port 0 was asked for: no single socket is in its way"};
  }
  if (!failure.walked) {
    return nobody_bound_to(wanted, search, path_file);
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

HolderVerdict without_descriptor() {
  return {HolderStatus::kNone,
          "no process has a descriptor of it: it is on its way over a unix socket, or io_uring alone holds it"};
}

HolderVerdict judge_holders(const Failure& failure, const std::vector<Holder>& holders,
                            const std::optional<SearchOutcome>& search, std::optional<PathFile> path_file) {
  const auto overlaps = [](const Holder& holder) { return holder.socket.overlaps; };
  const auto first = std::find_if(holders.begin(), holders.end(), overlaps);
  if (first == holders.end()) {
    return without_candidates(failure, search, path_file);
  }
  if (first->process) {
    return named(*first);
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
  return unnamed(failure.scan, search);
}

}  // namespace bindtrace
