// SPDX-License-Identifier: Apache-2.0
#include "core/socket_state.h"

#include <array>

namespace bindtrace {
namespace {

struct Row {
  SocketState state;
  std::string_view name;
};

// The index is the kernel's number.
constexpr std::array kStates{
    Row{SocketState::kUnknown, "UNKNOWN"},         Row{SocketState::kEstablished, "ESTABLISHED"},
    Row{SocketState::kSynSent, "SYN_SENT"},        Row{SocketState::kSynRecv, "SYN_RECV"},
    Row{SocketState::kFinWait1, "FIN_WAIT1"},      Row{SocketState::kFinWait2, "FIN_WAIT2"},
    Row{SocketState::kTimeWait, "TIME_WAIT"},      Row{SocketState::kClose, "CLOSE"},
    Row{SocketState::kCloseWait, "CLOSE_WAIT"},    Row{SocketState::kLastAck, "LAST_ACK"},
    Row{SocketState::kListen, "LISTEN"},           Row{SocketState::kClosing, "CLOSING"},
    Row{SocketState::kNewSynRecv, "NEW_SYN_RECV"}, Row{SocketState::kBoundInactive, "BOUND_INACTIVE"},
};

}  // namespace

SocketState socket_state_of(std::uint32_t number) {
  return number < kStates.size() ? kStates.at(number).state : SocketState::kUnknown;
}

std::string_view to_string(SocketState state) {
  return kStates.at(static_cast<std::size_t>(state)).name;
}

}  // namespace bindtrace
