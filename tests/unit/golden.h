// SPDX-License-Identifier: Apache-2.0
// Expected output, kept in tests/golden.
#pragma once

#include <string>

namespace bindtrace {

// What the file holds; empty, and a failure of the test, where there is none.
std::string read_golden(const std::string& name);

// Fails the test where `actual` is not what the file holds. With BINDTRACE_UPDATE_GOLDEN set in the
// environment the file is written instead: read the difference before you keep it.
void expect_golden(const std::string& name, const std::string& actual);

}  // namespace bindtrace
