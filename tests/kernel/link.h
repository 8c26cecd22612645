// SPDX-License-Identifier: Apache-2.0
// Network devices of the namespace that the calling process is in.
#pragma once

#include <cstdint>
#include <string>

namespace bindtrace {

// Return 0 or errno.
int set_link_up(const std::string& name);
// Makes a vxlan device; the kernel binds its UDP port when it is set up.
int make_vxlan(const std::string& name, uint16_t port);

}  // namespace bindtrace
