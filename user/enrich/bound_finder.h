// SPDX-License-Identifier: Apache-2.0
// The holders of addresses that have no bind table to walk: Unix paths and names, netlink port ids, vsock, SCTP and
// ping sockets. Found among all open descriptors, shortly after the failure.
#pragma once

#include <filesystem>
#include <utility>

#include "enrich/holder_finder.h"
#include "enrich/process_reader.h"
#include "enrich/socket_finder.h"

namespace bindtrace {

class BoundFinder {
 public:
  BoundFinder(std::filesystem::path proc_root, ProcessReader& processes, SocketFinder& sockets)
      : proc_root_(std::move(proc_root)), processes_(processes), sockets_(sockets) {}

  // Whether its failures are for this finder.
  static bool is_for(const Failure& failure);

  HolderFindings find(const Failure& failure, const Process& victim);

 private:
  std::vector<Holder> holders_of(const std::vector<Holding>& holdings, const Failure& failure, const Process& victim);

  std::filesystem::path proc_root_;
  ProcessReader& processes_;
  SocketFinder& sockets_;
};

}  // namespace bindtrace
