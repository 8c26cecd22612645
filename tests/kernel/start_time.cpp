// SPDX-License-Identifier: Apache-2.0
#include "start_time.h"

#include <ctime>
#include <fstream>
#include <sstream>
#include <string>

#include <unistd.h>

#include "record.h"

namespace bindtrace {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;
constexpr int64_t kClockSlackNs = 5'000'000;

int64_t now_ns(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return int64_t{now.tv_sec} * kSecondNs + now.tv_nsec;
}

}  // namespace

// Field 22 of proc(5), the 20th after the last ")".
uint64_t start_ticks(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::stringstream all;
  all << file.rdbuf();
  std::istringstream rest(all.str().substr(all.str().rfind(')') + 1));
  std::string field;
  for (int i = 3; i <= 22; i++) {
    rest >> field;
  }
  return std::stoull(field);
}

bool is_within_tick(const nlohmann::json& start_time, uint64_t ticks) {
  const int64_t tick_ns = kSecondNs / sysconf(_SC_CLK_TCK);
  const int64_t boot_ns = now_ns(CLOCK_REALTIME) - now_ns(CLOCK_BOOTTIME);
  const int64_t since_tick_ns = time_ns(start_time) - boot_ns - static_cast<int64_t>(ticks) * tick_ns;
  return since_tick_ns >= -kClockSlackNs && since_tick_ns < tick_ns + kClockSlackNs;
}

}  // namespace bindtrace
