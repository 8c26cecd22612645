// SPDX-License-Identifier: Apache-2.0
// Of a build without libsystemd.
#include "sink/journal.h"

namespace bindtrace {

Result<std::unique_ptr<Exporter>> open_journal() {
  return fail(ErrorKind::kUsage, "this build cannot write to the journal: use the packaged bindtrace, or --log-file");
}

}  // namespace bindtrace
