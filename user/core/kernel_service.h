// SPDX-License-Identifier: Apache-2.0
// What of the kernel usually has a port.
#pragma once

#include <optional>
#include <string_view>

#include "core/endpoint.h"

namespace bindtrace {

struct KernelService {
  std::string_view name;
  std::string_view look;  // a command that tells whether it is that
};

// By the port's number alone, which proves nothing.
std::optional<KernelService> usual_kernel_service(const Endpoint& endpoint);

}  // namespace bindtrace
