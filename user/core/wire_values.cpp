// SPDX-License-Identifier: Apache-2.0
#include "core/wire_values.h"

#include <sys/socket.h>

#include <algorithm>
#include <utility>

namespace bindtrace {

bool has(std::uint32_t flags, std::uint32_t bit) {
  return (flags & bit) != 0;
}

std::optional<IpAddress> address_from(std::uint16_t family, const __u8 (&bytes)[16]) {
  if (family != AF_INET && family != AF_INET6) {
    return std::nullopt;
  }
  IpAddress address{family == AF_INET ? Family::kIpv4 : Family::kIpv6, {}};
  std::copy_n(bytes, family == AF_INET ? 4 : 16, address.bytes.begin());
  return address;
}

Task task_from(const bt_task& wire) {
  Task task;
  task.pid = wire.tgid;
  task.start_boottime_ns = wire.start_boottime_ns;
  task.uid = wire.uid;
  task.parent_pid = unless_zero(wire.parent_tgid);
  task.cgroup_id = unless_zero(wire.cgroup_id);
  if (wire.exe_inode != 0) {
    task.executable = FileId{wire.exe_inode, wire.exe_dev};
  }
  task.comm = name_from(wire.comm).text;
  task.parent_comm = name_from(wire.parent_comm).text;
  task.executable_name = name_from(wire.exe_name);
  for (const auto& level : wire.cgroup) {
    Name name = name_from(level);
    if (name.text.empty()) {
      break;  // the root, or nothing above it
    }
    task.cgroup_names.push_back(std::move(name));
  }
  task.exiting = wire.exiting != 0;
  task.kernel_thread = wire.kernel_thread != 0;
  return task;
}

SocketOptions options_from(std::uint32_t flags, std::uint32_t device) {
  return {has(flags, BT_SOCK_REUSEADDR), has(flags, BT_SOCK_REUSEPORT), has(flags, BT_SOCK_V6ONLY),
          unless_zero(device)};
}

HolderSocket socket_from(const bt_socket& wire, Transport transport) {
  HolderSocket socket;
  socket.state = socket_state_of(wire.state);
  socket.local = {transport, address_from(wire.family, wire.address), wire.port};
  if (wire.peer_port != 0) {
    socket.peer = Endpoint{transport, address_from(wire.family, wire.peer), wire.peer_port};
  }
  socket.options = options_from(wire.flags, wire.device);
  socket.inode = unless_zero(wire.inode);
  socket.cgroup_id = unless_zero(wire.cgroup_id);
  socket.kernel_socket = has(wire.flags, BT_SOCK_NO_FILE);
  socket.overlaps = has(wire.flags, BT_SOCK_OVERLAPS);
  const bool short_form = has(wire.flags, BT_SOCK_TIMEWAIT);
  socket.time_wait = short_form && socket.state == SocketState::kTimeWait;
  socket.orphan = has(wire.flags, BT_SOCK_ORPHAN) || (short_form && !socket.time_wait);
  if (short_form) {
    socket.time_wait_ms_left = wire.time_wait_ms;
  } else {
    socket.uid = wire.uid;
  }
  return socket;
}

}  // namespace bindtrace
