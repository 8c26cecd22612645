// SPDX-License-Identifier: Apache-2.0
// What the command line means for the parts of the program, and whose failures are nobody's.
#pragma once

#include "cli/options.h"
#include "core/failure.h"
#include "enrich/enricher.h"
#include "enrich/process_reader.h"
#include "probe/probe.h"
#include "sink/fd_sink.h"

namespace bindtrace {

// For what is written to `fd`.
FdSink::Render renderer(const Options& options, int fd);
// `probe` must outlive what is made with them.
Enricher::Options enricher_options(const Options& options, Probe& probe);
ProcessReader::Options follower_options(const Options& options, Probe& probe);

// Another bindtrace that starts: its process alone has the socket that its own bind is refused for, at the address
// that has no other use. Anything less may be a conflict of somebody else's.
bool is_foreign_self_check(const Failure& failure, const Name& own_executable);

}  // namespace bindtrace
