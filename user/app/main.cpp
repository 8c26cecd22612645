// SPDX-License-Identifier: Apache-2.0
// bindtrace: why a bind failed with "Address already in use".
#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string_view>

#include "app/config_text.h"
#include "app/doctor.h"
#include "app/reporting.h"
#include "app/run.h"
#include "app/trace.h"
#include "app/who.h"
#include "base/environment.h"
#include "base/log.h"
#include "cli/options.h"
#include "enrich/netns.h"
#include "enrich/users.h"
#include "sink/schema.h"

namespace bindtrace {
namespace {

// The exit codes of the manual: 0 fine, 2 usage, 3 privilege, 4 kernel unsupported, 5 internal.
int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kUsage:
      return 2;
    case ErrorKind::kPrivilege:
      return 3;
    case ErrorKind::kUnsupported:
      return 4;
    case ErrorKind::kSystem:
    case ErrorKind::kMalformed:
    case ErrorKind::kInternal:
      return 5;
  }
  return 5;
}

// Of who: 0 free, 1 held.
int exit_code(Prospect prospect) {
  switch (prospect) {
    case Prospect::kFree:
      return 0;
    case Prospect::kInUse:
      return 1;
    case Prospect::kUnknown:
      break;
  }
  return exit_code(ErrorKind::kInternal);
}

int report(const Error& error) {
  spdlog::error("{}", error.message);
  return exit_code(error.kind);
}

Host host_names() {
  return {.uid_of = [](const std::string& user) { return Users("/etc/passwd").uid_of(user); },
          .netns_at = netns_at,
          .read_config = read_config};
}

// A descriptor that we open must not become one of the three standard ones that a caller has closed: what
// is written there is meant for nobody.
void fill_standard_descriptors() {
  int fd = 0;
  while (fd >= 0 && fd <= STDERR_FILENO) {
    fd = ::open("/dev/null", O_RDWR);  // the lowest free one
  }
  ::close(fd);
}

int show(std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  return written ? 0 : report(fail_errno(errno, "write output").value());
}

int run(int argc, const char* const* argv) {
  fill_standard_descriptors();
  start_logging(0);
  const auto options = parse(argc, argv, environment_variable, host_names());
  if (!options) {
    return report(options.error());
  }
  start_logging(options->verbosity);
  if (options->check_config) {
    return show("the configuration is right\n");
  }
  switch (options->action) {
    case Action::kShowHelp:
    case Action::kShowVersion:
      return show(options->message);
    case Action::kTrace: {
      const auto had_conflicts = trace(*options);
      return !had_conflicts ? report(had_conflicts.error()) : *had_conflicts && options->exit_code ? 1 : 0;
    }
    case Action::kRun: {
      const auto status = run_command(*options);
      return status ? *status : report(status.error());
    }
    case Action::kWho: {
      const auto prospect = who(*options);
      return prospect ? exit_code(*prospect) : report(prospect.error());
    }
    case Action::kReport: {
      const auto done = report_recordings(*options);
      return done ? 0 : report(done.error());
    }
    case Action::kSchema:
      return show(record_schema());
    case Action::kDoctor: {
      const auto trouble = doctor(*options);
      return !trouble ? report(trouble.error()) : *trouble ? exit_code(**trouble) : 0;
    }
  }
  return 0;
}

}  // namespace
}  // namespace bindtrace

int main(int argc, char** argv) {
  return bindtrace::run(argc, argv);
}
