// SPDX-License-Identifier: Apache-2.0
// Servers that bind the ports of their configuration only to test it. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace bindtrace {

// Whether a program of this name has such a test, so that its arguments are worth a look.
bool may_test_configuration(std::string_view program_name);

// "nginx -t", where the arguments ask for the test; argv[0] is the program.
std::optional<std::string> config_test_of(std::string_view program_name, std::span<const std::string> argv);

}  // namespace bindtrace
