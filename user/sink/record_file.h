// SPDX-License-Identifier: Apache-2.0
// Opening a file for records of JSON Lines, as root in a directory where others may have been.
#pragma once

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace bindtrace {

// To append to; made with mode 0640 where it is not there. Refused: what is no regular file of ours or root's with one
// name, a symbolic link, a directory that everybody can write to (unless it is sticky), a file that another bindtrace
// writes to (flock(2)), and one that does not end in a record. The rest of a record that was cut off, when whoever
// wrote it was killed or the disk was full, is removed and said.
Result<UniqueFd> open_record_file(const std::string& path);

}  // namespace bindtrace
