// SPDX-License-Identifier: Apache-2.0
// A network namespace by the file that stands for it, as /proc/PID/ns/net or what `ip netns` makes.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/result.h"

namespace bindtrace {

// Its inode number. An error says why there is none, without the path.
Result<std::uint32_t> netns_at(const std::string& path);

// Calls `work` inside, and returns when it has. That is in a thread of its own, which takes no signals: the namespace
// of a thread is also that of its /proc/sys/net. An error: `work` was not called, for the file is not of the namespace
// with that inode number (a pid may be another's by now), or CAP_SYS_ADMIN is missing.
Result<void> in_netns(const std::string& path, std::uint32_t inode, const std::function<void()>& work);

using InNetns = std::function<Result<void>(const std::string& path, std::uint32_t inode, const std::function<void()>&)>;

}  // namespace bindtrace
