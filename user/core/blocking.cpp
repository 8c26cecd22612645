// SPDX-License-Identifier: Apache-2.0
#include "core/blocking.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <set>
#include <tuple>

#include "core/conflict.h"

namespace bindtrace {
namespace {

std::string why_not(const HolderSocket& socket, const Request& request) {
  const auto& wanted = request.options.device;
  const auto& held = socket.options.device;
  return wanted && held && *wanted != *held ? "different device" : "different address";
}

int state_rank(SocketState state) {
  switch (state) {
    case SocketState::kListen:
      return 0;
    case SocketState::kClose:
    case SocketState::kBoundInactive:
      return 1;
    case SocketState::kEstablished:
    case SocketState::kSynSent:
    case SocketState::kSynRecv:
    case SocketState::kNewSynRecv:
    case SocketState::kCloseWait:
      return 2;
    case SocketState::kFinWait1:
    case SocketState::kFinWait2:
    case SocketState::kLastAck:
    case SocketState::kClosing:
      return 3;
    case SocketState::kTimeWait:
      return 4;
    case SocketState::kUnknown:
      break;
  }
  return 5;
}

auto rank(const Holder& holder) {
  const int blocking = holder.blocking == true ? 0 : holder.socket.overlaps ? 1 : 2;
  const std::uint64_t start =
      holder.process ? holder.process->start_boottime_ns : std::numeric_limits<std::uint64_t>::max();
  return std::tuple(blocking, state_rank(holder.socket.state), !holder.process, start);
}

}  // namespace

std::vector<BlockingVerdict> judge_sockets(const Failure& failure) {
  const ConflictVerdict conflict = judge_conflict(failure);
  const bool explained = std::any_of(conflict.sockets.begin(), conflict.sockets.end(),
                                     [](const ConflictRule* rule) { return rule != nullptr && rule->blocks; });
  std::vector<BlockingVerdict> verdicts;
  verdicts.reserve(failure.sockets.size());
  for (std::size_t i = 0; i < failure.sockets.size(); ++i) {
    const ConflictRule* rule = conflict.sockets[i];
    const bool is_in_question = failure.sockets[i].overlaps && !(rule != nullptr && rule->blocks) && !explained;
    if (rule == nullptr || is_in_question) {
      verdicts.push_back({});
    } else {
      verdicts.push_back({rule->blocks, std::string(rule->words)});
    }
  }
  return verdicts;
}

bool could_block(const HolderSocket& socket, const Request& request) {
  if (!is_ip(request.endpoint.transport)) {
    return socket.overlaps && !(socket.inode && socket.inode == request.inode);
  }
  const ConflictRule* rule = rule_between(request, socket);
  return rule == nullptr || rule->blocks;
}

void judge_bound(const Request& request, std::vector<Holder>& holders) {
  const auto is_connection = [](const Holder& holder) { return holder.socket.connection; };
  // A path's file outlives the listener, whose connections go on: they hold nothing. An address of another kind was
  // taken, and if only connections have it, then by one of them.
  if (is_path(request.endpoint) || !std::all_of(holders.begin(), holders.end(), is_connection)) {
    for (Holder& holder : holders) {
      if (is_connection(holder)) {
        holder.socket.overlaps = false;
        holder.blocking = false;
        holder.rule = "a connection that was made through the address, not the socket that was bound to it";
      }
    }
  }
  std::set<std::uint64_t> overlapping;
  for (const Holder& holder : holders) {
    if (holder.socket.overlaps) {
      overlapping.insert(holder.socket.inode.value_or(0));
    }
  }
  for (Holder& holder : holders) {
    if (!holder.socket.overlaps) {
      holder.blocking = false;
      holder.rule = holder.rule.value_or(why_not(holder.socket, request));
    } else if (overlapping.size() == 1) {
      holder.blocking = true;
      holder.rule = is_path(request.endpoint) ? "its bind made the file" : "the only socket that has this address";
    }
  }
}

void order_holders(std::vector<Holder>& holders) {
  std::stable_sort(holders.begin(), holders.end(), [](const Holder& a, const Holder& b) { return rank(a) < rank(b); });
}

}  // namespace bindtrace
