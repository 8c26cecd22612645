// SPDX-License-Identifier: Apache-2.0
// bindtrace_scan_cost FAILURES: how long the search for the owners of a port takes during the failing call, by the
// processes and descriptors on the machine. In lines of words; each is of FAILURES failures under the best tier here:
//
//   scan PROCESSES FDS TASKS SLOTS US MAX_US   PROCESSES of FDS descriptors each beside what runs here; the last
//                                              search read SLOTS descriptors of TASKS processes; median and maximum
//
// The time is that of the kernel's record of the search: from the moment the failure was seen until the search ended.
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <span>
#include <stdexcept>
#include <vector>

#include "calls.h"
#include "enrich/preemption.h"
#include "fd_owners.h"
#include "probe/probe.h"
#include "run_bench.h"
#include "statistics.h"

namespace bindtrace::bench {
namespace {

struct Crowd {
  int processes;
  int fds;
};
constexpr std::array<Crowd, 6> kCrowds{{{0, 0}, {50, 100}, {100, 100}, {500, 100}, {500, 250}, {1000, 100}}};

// The search of one failure of ours; absent: the tracer's own ring has no room for it, or the burst is used up.
std::optional<bt_scan> scan_of_one_failure(Probe& probe, const RefusedBind& refused) {
  std::optional<bt_scan> seen;
  {
    const FirstInLine first;
    refused();
  }
  const auto consumed = probe.ring().consume([&](std::span<const std::byte> record) {
    bt_scan scan{};
    if (record.size() < sizeof scan) {
      return;
    }
    std::memcpy(&scan, record.data(), sizeof scan);
    if (scan.head.type == BT_RECORD_SCAN && scan.head.pid_tgid >> 32U == probe.own_tgid()) {
      seen = scan;
    }
  });
  if (!consumed) {
    throw std::runtime_error(consumed.error().message);
  }
  return seen;
}

void measure(Probe& probe, const RefusedBind& refused, const Crowd& crowd, int failures) {
  const FdOwners owners(crowd.processes, crowd.fds);
  std::vector<double> us;
  std::optional<bt_scan> last;
  for (int i = 0; i < failures; i++) {
    if (const auto scan = scan_of_one_failure(probe, refused)) {
      last = scan;
      us.push_back(static_cast<double>(scan->ktime_end_ns - scan->head.ktime_ns) / 1e3);
    }
  }
  if (!last) {
    throw std::runtime_error("no failure was searched for");
  }
  fmt::print("scan {} {} {} {} {:.0f} {:.0f}\n", crowd.processes, crowd.fds, last->tasks, last->slots, median(us),
             quantile(us, 1));
}

void run(int failures) {
  leave_network_namespace();
  const RefusedBind refused;
  auto probe = Probe::start({.tier = std::nullopt,
                             .preemptible = programs_may_be_preempted(preemption_sources()),
                             .ring_bytes = 4U << 20U,
                             .bound_by = true});
  if (!probe) {
    throw std::runtime_error(probe.error().message);
  }
  for (const Crowd& crowd : kCrowds) {
    measure(*probe, refused, crowd, failures);
  }
}

}  // namespace
}  // namespace bindtrace::bench

int main(int argc, char** argv) {
  const int failures = argc == 2 ? std::atoi(argv[1]) : 0;
  if (failures < 1) {
    std::fputs("usage: bindtrace_scan_cost FAILURES\n", stderr);
    return 2;
  }
  libbpf_set_print(nullptr);
  return bindtrace::bench::run_bench("bindtrace_scan_cost", [&] { bindtrace::bench::run(failures); });
}
