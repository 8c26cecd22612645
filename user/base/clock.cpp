// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"

#include <charconv>
#include <chrono>
#include <ctime>

#include <fmt/format.h>

namespace bindtrace {
namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

struct SplitTime {
  std::time_t seconds = 0;
  std::int64_t ns = 0;
};

// Floors, so that times before 1970 keep a positive fraction.
SplitTime split(std::int64_t unix_ns) {
  SplitTime time{unix_ns / kNsPerSecond, unix_ns % kNsPerSecond};
  if (time.ns < 0) {
    time.ns += kNsPerSecond;
    --time.seconds;
  }
  return time;
}

std::tm local(std::int64_t unix_ns) {
  const std::time_t seconds = split(unix_ns).seconds;
  std::tm parts{};
  localtime_r(&seconds, &parts);
  return parts;
}

std::uint64_t nanoseconds(const timespec& time) {
  return static_cast<std::uint64_t>(time.tv_sec) * kNsPerSecond + static_cast<std::uint64_t>(time.tv_nsec);
}

// Digits only, as many as there are.
std::optional<int> digits(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc{} && end == text.data() + text.size() && text.front() != '-';
  return whole ? std::optional(value) : std::nullopt;
}

}  // namespace

Instant read_clocks() {
  timespec boot{};
  timespec wall{};
  clock_gettime(CLOCK_BOOTTIME, &boot);
  clock_gettime(CLOCK_REALTIME, &wall);
  return {nanoseconds(boot), static_cast<std::int64_t>(nanoseconds(wall))};
}

BootClock::BootClock(Instant now) : offset_ns_(now.unix_ns - static_cast<std::int64_t>(now.boottime_ns)) {}

std::int64_t BootClock::unix_ns(std::uint64_t boottime_ns) const {
  return static_cast<std::int64_t>(boottime_ns + static_cast<std::uint64_t>(offset_ns_));
}

std::string rfc3339_utc(std::int64_t unix_ns) {
  const SplitTime time = split(unix_ns);
  std::tm parts{};
  gmtime_r(&time.seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, time.ns);
}

std::optional<std::int64_t> unix_ns_of(std::string_view rfc3339) {
  if (rfc3339.size() != 30 || rfc3339[10] != 'T' || rfc3339[19] != '.' || rfc3339[29] != 'Z') {
    return std::nullopt;
  }
  const auto year = digits(rfc3339.substr(0, 4));
  const auto month = digits(rfc3339.substr(5, 2));
  const auto day = digits(rfc3339.substr(8, 2));
  const auto hour = digits(rfc3339.substr(11, 2));
  const auto minute = digits(rfc3339.substr(14, 2));
  const auto second = digits(rfc3339.substr(17, 2));
  const auto nanosecond = digits(rfc3339.substr(20, 9));
  if (!year || !month || !day || !hour || !minute || !second || !nanosecond) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *year < 1678 || *year > 2261) {  // 64 bits of nanoseconds reach that far
    return std::nullopt;
  }
  const auto time = std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
                    std::chrono::seconds(*second) + std::chrono::nanoseconds(*nanosecond);
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

std::string local_time(std::int64_t unix_ns) {
  const std::tm parts = local(unix_ns);
  return fmt::format("{:02}:{:02}:{:02}", parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::string local_time_ms(std::int64_t unix_ns) {
  return fmt::format("{}.{:03}", local_time(unix_ns), split(unix_ns).ns / kNsPerMs);
}

std::string local_date_time(std::int64_t unix_ns) {
  const std::tm parts = local(unix_ns);
  return fmt::format("{:04}-{:02}-{:02} {}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                     local_time(unix_ns));
}

bool same_local_day(std::int64_t a_unix_ns, std::int64_t b_unix_ns) {
  const std::tm a = local(a_unix_ns);
  const std::tm b = local(b_unix_ns);
  return a.tm_year == b.tm_year && a.tm_yday == b.tm_yday;
}

std::string humanised(std::int64_t duration_ns) {
  if (duration_ns < kNsPerSecond) {
    return fmt::format("{} ms", duration_ns / kNsPerMs);
  }
  const std::int64_t seconds = duration_ns / kNsPerSecond;
  if (seconds < 10) {
    return fmt::format("{}.{} s", seconds, duration_ns % kNsPerSecond / (100 * kNsPerMs));
  }
  if (seconds < 60) {
    return fmt::format("{} s", seconds);
  }
  const std::int64_t minutes = seconds / 60;
  if (minutes < 60) {
    return fmt::format("{} min", minutes);
  }
  const std::int64_t hours = minutes / 60;
  if (hours < 24) {
    return minutes % 60 == 0 ? fmt::format("{} h", hours) : fmt::format("{} h {} min", hours, minutes % 60);
  }
  return hours % 24 == 0 ? fmt::format("{} d", hours / 24) : fmt::format("{} d {} h", hours / 24, hours % 24);
}

}  // namespace bindtrace
