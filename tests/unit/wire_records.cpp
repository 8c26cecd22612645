// SPDX-License-Identifier: Apache-2.0
#include "wire_records.h"

#include <cstdint>

namespace bindtrace {

bt_failure wire_failure() {
  bt_failure wire{};
  wire.head = {BT_RECORD_FAILURE, 1, 77, (std::uint64_t{1234} << 32U) | 1235U};
  wire.tid = 1235;
  wire.victim.tgid = 1234;
  wire.victim.uid = 33;
  wire.victim.parent_tgid = 1;
  wire.victim.start_boottime_ns = 42;
  put(wire.victim.comm, "nginx");
  put(wire.victim.exe_name, "nginx");
  put(wire.victim.cgroup[0], "nginx.service");
  put(wire.victim.cgroup[1], "system.slice");
  wire.request.family = 2;
  wire.request.protocol = 6;
  wire.request.port = 80;
  wire.request.operation = BT_OP_BIND;
  wire.request.entry = BT_ENTRY_SYSCALL;
  wire.request.address_source = BT_ADDRESS_KERNEL;
  wire.request.inode = 9100;
  wire.flags = BT_FAIL_WALKED;
  return wire;
}

bt_socket wire_listener() {
  bt_socket socket{};
  socket.inode = 9001;
  socket.family = 2;
  socket.port = 80;
  socket.state = 10;
  socket.flags = BT_SOCK_REUSEADDR | BT_SOCK_OVERLAPS;
  return socket;
}

}  // namespace bindtrace
