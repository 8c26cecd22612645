// SPDX-License-Identifier: Apache-2.0
#include "app/run.h"

#include <spdlog/spdlog.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "app/choices.h"
#include "app/command.h"
#include "app/trace.h"
#include "app/tracing.h"
#include "app/waiter.h"
#include "base/unique_fd.h"
#include "sink/render.h"

namespace bindtrace {
namespace {

// stdout is the command's, and so is stderr while it runs: a story for a person is kept until the end.
bool is_kept(const Options& options) {
  return output_form(options, false) == OutputForm::kText && !options.all_repeats;
}

Result<void> copy(int from, int to) {
  std::array<char, 65536> chunk{};
  ssize_t size = 0;
  while ((size = ::read(from, chunk.data(), chunk.size())) > 0) {
    for (ssize_t done = 0; done < size;) {
      const ssize_t written = ::write(to, chunk.data() + done, static_cast<std::size_t>(size - done));
      if (written < 0 && errno != EINTR) {
        return fail_errno(errno, "write output");
      }
      done += written > 0 ? written : 0;
    }
  }
  return {};
}

void tell_account(const AgentStopped& account) {
  if (account.stats.attempted == 0 && account.missed.value_or(0) == 0) {
    spdlog::info("nothing of it failed to bind or to listen with EADDRINUSE");
  } else {
    spdlog::info("{}", render_tally(account));
  }
}

}  // namespace

Result<int> run_command(const Options& options) {
  auto exporters = Exporters::open(options);
  if (!exporters) {
    return tl::unexpected(exporters.error());
  }
  Options of_descendants = options;
  of_descendants.filter.descendants = true;
  rlimit locked_memory{};
  ::getrlimit(RLIMIT_MEMLOCK, &locked_memory);
  auto probe = start_probe(of_descendants);
  if (!probe) {
    return tl::unexpected(probe.error());
  }
  ::setrlimit(RLIMIT_MEMLOCK, &locked_memory);  // libbpf lifts it on old kernels: not for the command
  const bool kept = is_kept(options);
  const UniqueFd story(kept ? ::memfd_create("story", MFD_CLOEXEC) : -1);
  if (kept && !story.valid()) {
    return fail_errno(errno, "keep the story");
  }
  const auto command = Command::start(options.command);
  if (!command) {
    spdlog::error("{}", command.error().message);
    return status_of_failed_start(command.error());
  }
  const Tracing::Output output{kept ? story.get() : STDERR_FILENO, renderer(options, STDERR_FILENO)};
  auto waiter = Waiter::create_for(*command, output.fd);
  if (!waiter) {
    return tl::unexpected(waiter.error());
  }
  Tracing tracing(of_descendants, output, *std::move(exporters), std::move(*waiter), std::move(*probe));
  const auto done = tracing.run();
  const int status = command->wait();  // where tracing ended first
  auto told = kept && ::lseek(story.get(), 0, SEEK_SET) == 0 ? copy(story.get(), STDERR_FILENO) : Result<void>{};
  tell_account(tracing.account());
  for (const auto& trouble : {done, told}) {
    if (!trouble && trouble.error().os_error != EPIPE) {
      spdlog::error("{}", trouble.error().message);
    }
  }
  return status == 0 && options.exit_code && tracing.account().stats.attempted > 0 ? 1 : status;
}

}  // namespace bindtrace
