// SPDX-License-Identifier: Apache-2.0
#include "app/choices.h"

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <span>

#include "base/self_check_address.h"
#include "enrich/netns.h"
#include "enrich/netns_names.h"
#include "sink/render.h"

namespace bindtrace {
namespace {

constexpr IpAddress kSelfCheck{
    Family::kIpv4, {kSelfCheckAddress[0], kSelfCheckAddress[1], kSelfCheckAddress[2], kSelfCheckAddress[3]}};

}  // namespace

FdSink::Render renderer(const Options& options, int fd) {
  const bool terminal = ::isatty(fd) == 1;
  const bool color = use_color(options, terminal);
  switch (output_form(options, terminal)) {
    case OutputForm::kText:
      return [color](const Event& event) { return render_text(event, color); };
    case OutputForm::kLine:
      return [color](const Event& event) { return render_line(event, color); };
    case OutputForm::kJson:
      return render_json;
  }
  return render_json;
}

Enricher::Options enricher_options(const Options& options, Probe& probe) {
  Enricher::Options result;
  result.ticks_per_second = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  result.show_args = options.show_args;
  result.own_pid = probe.own_tgid();
  result.netns_directories = netns_directories();
  if (const auto own_netns = netns_at("/proc/self/ns/net")) {
    result.own_netns = *own_netns;
  }
  result.find_binding = [&probe](std::uint64_t inode) { return probe.binder_of(inode); };
  result.find_stop = [&probe](std::uint32_t pid) { return probe.stop_of(pid); };
  result.search = [&probe](std::span<const std::byte> query) { return probe.search(query); };
  return result;
}

ProcessReader::Options follower_options(const Options& options, Probe& probe) {
  const Enricher::Options enriching = enricher_options(options, probe);
  return {enriching.proc_root, enriching.etc_root / "passwd", enriching.ticks_per_second, enriching.show_args,
          enriching.own_pid};
}

bool is_foreign_self_check(const Failure& failure, const Name& own_executable) {
  const auto is_victim = [&](const Owner& owner) {
    return owner.task.pid == failure.victim.pid && owner.task.start_boottime_ns == failure.victim.start_boottime_ns;
  };
  return failure.request.operation == Operation::kBind && failure.request.endpoint.address == kSelfCheck &&
         failure.request.endpoint.port.value_or(0) != 0 && !own_executable.text.empty() &&
         failure.victim.executable_name == own_executable && failure.socket_count == 1 && !failure.owners.empty() &&
         std::all_of(failure.owners.begin(), failure.owners.end(), is_victim);
}

}  // namespace bindtrace
