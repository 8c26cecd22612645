// SPDX-License-Identifier: Apache-2.0
// Of builds that leave OTLP out.
#include "sink/otlp.h"

namespace bindtrace {

Result<std::unique_ptr<Exporter>> open_otlp(const std::string& /*target*/,
                                            const std::function<std::optional<std::string>(const std::string& name)>&) {
  return fail(ErrorKind::kUsage,
              "this build has no --otlp: use one that has libcurl, or let a collector read the file of --log-file");
}

}  // namespace bindtrace
