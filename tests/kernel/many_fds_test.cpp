// SPDX-License-Identifier: Apache-2.0
// So many descriptors that looking at them all is dear: the holder is named, or it is said why not, in good time.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <sys/resource.h>
#include <unistd.h>

#include "tier_test.h"

namespace bindtrace {
namespace {

constexpr int kFdsEach = 19'990;  // the most that some machines allow
constexpr int kFailures = 20;
constexpr double kRecordSeconds = 5;
constexpr double kSearchSeconds = 2;  // what searches may take at once (SocketFinder), and the one that overdraws it
constexpr double kShare = 0.2;        // of a core, for these and all else

void open_many(const Line& line, int last) {
  rlimit limit{};
  must(getrlimit(RLIMIT_NOFILE, &limit) == 0, "getrlimit");
  limit.rlim_cur = static_cast<rlim_t>(kFdsEach) + 10;
  limit.rlim_max = std::max(limit.rlim_max, limit.rlim_cur);
  must(setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit");
  while (dup(line.fd()) < last) {
  }
}

double in_seconds(double seconds) {
  return std::chrono::duration<double>(time_limit(seconds)).count();
}

double cpu_seconds(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(file, line);
  std::istringstream rest(line.substr(line.rfind(')') + 1));
  std::string skipped;
  for (int field = 3; field < 14; field++) {
    rest >> skipped;
  }
  double user = 0;
  double system = 0;
  rest >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

class ManyFds : public TierTest {};

TEST_P(ManyFds, TheHolderIsNamedOrItIsSaidWhyNotInGoodTime) {
  stop_shared_tracers();
  Tracer own(tier(), {"--netns", std::to_string(netns().inode())});
  std::vector<Child> crowd;
  for (int open = kFdsEach; open < many_fds(); open += kFdsEach) {
    crowd.emplace_back(netns(), "bt-crowd", [](const Line& line) {
      open_many(line, kFdsEach);
      line.tell('r');
      line.wait_for_release();
    });
  }
  for (Child& one : crowd) {
    one.hear<char>();
  }
  const Request request{Transport::kTcp, {"127.0.0.1", 10003}, {}};
  Child last(netns(), "bt-holder", [&](const Line& line) {
    Fd low = serve(request);
    open_many(line, kFdsEach - 1);
    const Fd high(dup2(low.get(), kFdsEach));
    must(high.open(), "dup2");
    low.close();
    line.tell(held_by_me(high));
    line.wait_for_release();
  });
  const Held held = last.hear<Held>();

  const double used_before = cpu_seconds(own.pid());
  const auto start = std::chrono::steady_clock::now();
  int named = 0;
  for (int i = 0; i < kFailures; i++) {
    const Victim victim = fail_to_bind(netns(), request);
    const Record record = own.conflict_of(victim.tried.pid);
    EXPECT_LE(record.at("bindtrace.observed_after_us").get<double>(), 1e6 * in_seconds(kRecordSeconds));
    const nlohmann::json pid = record.holder().at("pid");
    if (pid.is_null()) {
      EXPECT_EQ(record.at("bindtrace.holder_status"), "skipped") << record.text();
      EXPECT_EQ(record.at("bindtrace.holder_reason"),
                "too many failures at once: the search for its process was left out");
    } else {
      EXPECT_EQ(pid, held.pid) << record.text();
      EXPECT_EQ(record.holder().at("comm"), "bt-holder") << record.text();
      EXPECT_EQ(record.holder().at("fds"), nlohmann::json::array({held.fd})) << record.text();
      named++;
    }
    if (i == 0) {
      EXPECT_EQ(pid, held.pid) << record.text();
    }
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  const double used = cpu_seconds(own.pid()) - used_before;
  std::printf("%d descriptors: %d of %d named, %.2f s of CPU time in %.2f s\n", many_fds(), named, kFailures, used,
              took.count());
  EXPECT_LE(used, in_seconds(kSearchSeconds) + kShare * took.count());
}

BINDTRACE_ON_ONE_TIER_UNLESS_SHORT(ManyFds);

}  // namespace
}  // namespace bindtrace
