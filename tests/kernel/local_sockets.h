// SPDX-License-Identifier: Apache-2.0
// Sockets whose addresses are no IP addresses, and the two parts of a scenario with them.
#pragma once

#include <cstdint>
#include <string>

#include "scenario.h"

namespace bindtrace {

struct LocalEndpoint {
  int type = 0;  // SOCK_*
  int protocol = 0;
  SocketAddress address;
};
LocalEndpoint unix_path(const std::string& path);
LocalEndpoint unix_name(const std::string& name);  // abstract, without the NUL that it begins with
LocalEndpoint netlink_port(uint32_t id);
LocalEndpoint vsock_port(uint32_t cid, uint32_t port);

// See the same of a Request. The holder of a Unix address listens.
Holder hold(const Netns& netns, const LocalEndpoint& endpoint, const std::string& comm = "bt-holder");
Victim fail_to_bind(const Netns& netns, const LocalEndpoint& endpoint, const std::string& comm = "bt-victim");

// One bind of it, as the process saw it that is to fail.
Tried bind_and_tell(const LocalEndpoint& endpoint);
Fd listen_at(const std::string& path);
Fd connect_to(const std::string& path);

// Returns 0 or errno.
int try_vsock(uint32_t cid);

}  // namespace bindtrace
