// SPDX-License-Identifier: Apache-2.0
// The commands that `bindtrace run` is given in tests: this program again, by its first argument.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sockets.h"

namespace bindtrace {

constexpr int kBindFailed = 42;  // exit status of a command whose bind was refused for EADDRINUSE
constexpr int kTerminated = 43;  // and of one that was told to end
constexpr char kSaid[] = "the command has said so\n";

// Tries to bind a tcp socket to the endpoint, says kSaid on stdout and ends with kBindFailed.
std::vector<std::string> command_that_fails(const Endpoint& endpoint);
// The same by a process that has lost its parent, while the command waits for it.
std::vector<std::string> command_whose_orphan_fails(const Endpoint& endpoint);
// Sends SIGTERM to its parent, and ends with kTerminated when it gets one itself.
std::vector<std::string> command_that_terminates_its_parent();

// Plays what one of these asks for and returns the exit status; absent: the arguments ask for none.
std::optional<int> play_run_role(int argc, char** argv);

}  // namespace bindtrace
