// SPDX-License-Identifier: Apache-2.0
// The text of the configuration file: what root is told to do there, nobody else may have written.
#pragma once

#include <string>

#include "base/result.h"

namespace bindtrace {

// At most 64 KiB, of a regular file of ours or root's that no other user can write to. An Error is ErrorKind::kUsage.
Result<std::string> read_config(const std::string& path);

}  // namespace bindtrace
