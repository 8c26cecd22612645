// SPDX-License-Identifier: Apache-2.0
// The states of a socket, by the kernel's names (include/net/tcp_states.h).
#pragma once

#include <cstdint>
#include <string_view>

namespace bindtrace {

enum class SocketState {
  kUnknown,
  kEstablished,
  kSynSent,
  kSynRecv,
  kFinWait1,
  kFinWait2,
  kTimeWait,
  kClose,
  kCloseWait,
  kLastAck,
  kListen,
  kClosing,
  kNewSynRecv,
  kBoundInactive,
};

SocketState socket_state_of(std::uint32_t number);

// "LISTEN", "TIME_WAIT", ...; "UNKNOWN" for kUnknown.
std::string_view to_string(SocketState state);

}  // namespace bindtrace
