// SPDX-License-Identifier: Apache-2.0
#include "run_role.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include <sys/wait.h>
#include <unistd.h>

#include "settings.h"

namespace bindtrace {
namespace {

constexpr char kFails[] = "--command-fails";
constexpr char kOrphanFails[] = "--command-orphan-fails";
constexpr char kTerminatesParent[] = "--command-terminates-parent";

std::vector<std::string> command(const char* role, const Endpoint& endpoint) {
  return {own_executable(), role, endpoint.address, std::to_string(endpoint.port)};
}

int fail(const Endpoint& endpoint) {
  const Fd socket = make_socket({Transport::kTcp, endpoint, {}});
  const int error = try_bind(socket.get(), endpoint);
  std::fputs(kSaid, stdout);
  std::fflush(stdout);
  return error == EADDRINUSE ? kBindFailed : EXIT_FAILURE;
}

int fail_as_an_orphan(const Endpoint& endpoint) {
  int ends[2];
  must(pipe(ends) == 0, "pipe");
  const pid_t parent = fork();
  must(parent >= 0, "fork");
  if (parent == 0) {
    const pid_t self = getpid();
    if (fork() == 0) {
      setsid();
      while (getppid() == self) {
        usleep(1000);
      }
      const int status = fail(endpoint);
      must(write(ends[1], &status, sizeof(status)) == sizeof(status), "write");
    }
    _exit(0);
  }
  waitpid(parent, nullptr, 0);
  int status = EXIT_FAILURE;
  must(read(ends[0], &status, sizeof(status)) == sizeof(status), "read");
  return status;
}

int terminate_the_parent() {
  must(signal(SIGTERM, [](int) { _exit(kTerminated); }) != SIG_ERR, "signal");
  kill(getppid(), SIGTERM);
  while (true) {
    pause();
  }
}

}  // namespace

std::vector<std::string> command_that_fails(const Endpoint& endpoint) {
  return command(kFails, endpoint);
}
std::vector<std::string> command_whose_orphan_fails(const Endpoint& endpoint) {
  return command(kOrphanFails, endpoint);
}
std::vector<std::string> command_that_terminates_its_parent() {
  return {own_executable(), kTerminatesParent};
}

std::optional<int> play_run_role(int argc, char** argv) {
  const std::string role = argc > 1 ? argv[1] : "";
  if (role == kTerminatesParent) {
    return terminate_the_parent();
  }
  if (argc < 4 || (role != kFails && role != kOrphanFails)) {
    return std::nullopt;
  }
  const Endpoint endpoint{argv[2], static_cast<uint16_t>(std::atoi(argv[3]))};
  return role == kFails ? fail(endpoint) : fail_as_an_orphan(endpoint);
}

}  // namespace bindtrace
