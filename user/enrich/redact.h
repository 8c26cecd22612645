// SPDX-License-Identifier: Apache-2.0
// A command line fit for logs: values that look like secrets are replaced. Pure.
#pragma once

#include <span>
#include <string>

namespace bindtrace {

// Arguments joined by spaces, at most a few hundred bytes. Hides the value after "=", ":" or as the
// next argument where the name before it speaks of a password, token, secret, key or credential, what
// belongs to -p, "user:password" of -u, and the user part of URLs. Hides rather too much than too little. Shows what
// has no such name before it ("-a s3cret", "-pletters" of an unknown program) and, mostly, options within one argument
// ("sh -c '...'").
std::string redacted_command_line(std::span<const std::string> argv);

}  // namespace bindtrace
