// SPDX-License-Identifier: Apache-2.0
#include "app/who.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/version.h"
#include "core/plain_request.h"
#include "core/port_look.h"
#include "enrich/enricher.h"
#include "enrich/holder_status.h"
#include "enrich/host_facts.h"
#include "enrich/netns.h"
#include "enrich/netns_names.h"
#include "enrich/proc_dir.h"
#include "enrich/proc_text.h"
#include "probe/port_walk.h"
#include "sink/occupancy.h"

namespace bindtrace {
namespace {

constexpr const char* kProc = "/proc";
constexpr std::uint64_t kNsPerSecond = 1'000'000'000;

std::uint64_t ticks_per_second() {
  return static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
}

// We are the one who asks: a path is seen as we see it.
Task asker(std::uint32_t own_pid) {
  Task task;
  task.pid = own_pid;
  const auto dir = ProcDir::open(kProc, own_pid);
  const auto text = dir ? dir->read_file("stat") : Result<std::string>(tl::unexpected(dir.error()));
  if (const auto stat = text ? parse_stat(*text) : std::nullopt) {
    task.start_boottime_ns = stat->start_ticks * (kNsPerSecond / ticks_per_second());
  }
  return task;
}

bool has_walked_table(Transport transport) {
  return transport == Transport::kTcp || transport == Transport::kUdp || transport == Transport::kUdplite;
}

class Asking {
 public:
  Asking(const Options& options, PortWalk kernel, std::uint32_t own_netns, std::uint32_t netns)
      : kernel_(std::move(kernel)),
        netns_(netns),
        asker_(asker(kernel_.own_tgid())),
        host_(std::make_shared<const HostFacts>(read_host_facts(kProc, "/etc", std::string(version())))),
        enricher_({.proc_root = kProc,
                   .ticks_per_second = ticks_per_second(),
                   .show_args = options.show_args,
                   .own_pid = kernel_.own_tgid(),
                   .netns_directories = netns_directories(),
                   .own_netns = own_netns,
                   .search = [this](std::span<const std::byte> query) { return kernel_.search(query); },
                   .whole_port = true}) {}

  Result<Incident> ask(const Endpoint& endpoint) {
    const Request request = plain_request(endpoint, netns_);
    auto failure = has_walked_table(endpoint.transport) ? walk(request) : Result<Failure>(Failure{});
    if (!failure) {
      return tl::unexpected(failure.error());
    }
    if (!failure->walked) {
      failure->head.key.ktime_ns = read_clocks().boottime_ns;
      failure->request = request;
    }
    failure->victim = asker_;
    Incident found = enricher_.enrich(*std::move(failure));
    found.host = host_;
    if (found.holder_status == HolderStatus::kGone && is_still_there(found)) {
      HolderVerdict verdict = without_descriptor();
      found.holder_status = verdict.status;
      found.holder_reason = std::move(verdict.reason);
    }
    return found;
  }

 private:
  // The search came after the walk: what it did not find may have been closed in between.
  bool is_still_there(const Incident& found) {
    if (!found.failure.walked || found.holders.empty()) {
      return false;
    }
    const auto again = walk(found.failure.request);
    return again && std::any_of(again->sockets.begin(), again->sockets.end(), [&](const HolderSocket& socket) {
             return socket.overlaps && socket.inode && socket.inode == found.holders.front().socket.inode;
           });
  }

  Result<Failure> walk(const Request& request) const {
    return look_at_port(request, [this](std::span<const std::byte> query) { return kernel_.walk(query); });
  }

  PortWalk kernel_;
  std::uint32_t netns_;
  Task asker_;
  std::shared_ptr<const HostFacts> host_;
  Enricher enricher_;
};

// Any address is two: a bind of [::] meets all that has the port, one of 0.0.0.0 all but what is of IPv6 alone. The
// last of them meets most.
std::vector<Endpoint> endpoints_of(const Endpoint& target) {
  if (target.name || target.address) {
    return {target};
  }
  return {{target.transport, IpAddress{Family::kIpv4, {}}, target.port},
          {target.transport, IpAddress{Family::kIpv6, {}}, target.port}};
}

Result<Occupancy> ask(const Options& options, std::uint32_t own_netns) {
  auto kernel = PortWalk::load();
  if (!kernel) {
    return tl::unexpected(kernel.error());
  }
  const std::uint32_t netns = options.filter.netns.empty() ? own_netns : options.filter.netns.front();
  Asking asking(options, *std::move(kernel), own_netns, netns);
  Occupancy occupancy;
  occupancy.asked = *options.target;
  for (const Endpoint& endpoint : endpoints_of(*options.target)) {
    auto found = asking.ask(endpoint);
    if (!found && found.error().os_error == EAFNOSUPPORT && !occupancy.outlooks.empty()) {
      continue;  // a host without IPv6
    }
    if (!found) {
      return tl::unexpected(found.error());
    }
    occupancy.outlooks.push_back(outlook_of(*found));
    occupancy.found = *std::move(found);
  }
  return occupancy;
}

}  // namespace

Result<Prospect> who(const Options& options) {
  const auto own_netns = netns_at("/proc/self/ns/net");
  if (!own_netns) {
    return with_context(own_netns.error(), "our own network namespace");
  }
  const auto occupancy = ask(options, *own_netns);
  if (!occupancy) {
    return tl::unexpected(occupancy.error());
  }
  const bool color = use_color(options, ::isatty(STDOUT_FILENO) == 1);
  const std::string text = options.output == OutputForm::kJson ? render_occupancy_json(*occupancy)
                                                               : render_occupancy_text(*occupancy, color);
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    return fail_errno(errno, "write output");
  }
  return prospect_of(*occupancy);
}

}  // namespace bindtrace
