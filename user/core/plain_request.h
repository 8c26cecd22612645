// SPDX-License-Identifier: Apache-2.0
// A bind that nobody has made, for asking the kernel side what is in its way.
#pragma once

#include <cstdint>

#include "core/failure.h"

namespace bindtrace {

// That of a socket without options, in that network namespace. The endpoint is of IP with address and port, or of unix
// with a name. The wire record is as the kernel side would have made it, but for mount namespace and root.
Request plain_request(const Endpoint& endpoint, std::uint32_t netns);

}  // namespace bindtrace
