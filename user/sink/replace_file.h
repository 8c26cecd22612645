// SPDX-License-Identifier: Apache-2.0
// Gives a file new content in one step: who reads it sees the old or the new, whole.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace bindtrace {

// By a temporary file PATH.tmp, which is renamed; mode 0644. A symbolic link at `path` is replaced, not followed.
// Nothing is synced: after a crash of the machine the file may be empty.
Result<void> replace_file(const std::string& path, std::string_view text);

// Whether that can work: makes the temporary file and removes it.
Result<void> try_to_replace(const std::string& path);

}  // namespace bindtrace
