// SPDX-License-Identifier: Apache-2.0
// Kernel times (CLOCK_BOOTTIME nanoseconds) to wall clock, and wall clock to text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bindtrace {

inline constexpr std::int64_t kNsPerMs = 1'000'000;

// Both clocks at one moment.
struct Instant {
  std::uint64_t boottime_ns = 0;
  std::int64_t unix_ns = 0;
};

// The only function here that asks the operating system.
Instant read_clocks();

// Translates by the offset seen at one moment; read anew where a stepped wall clock matters.
class BootClock {
 public:
  BootClock() = default;
  explicit BootClock(Instant now);

  [[nodiscard]] std::int64_t unix_ns(std::uint64_t boottime_ns) const;

 private:
  std::int64_t offset_ns_ = 0;  // wall clock minus boottime
};

// "2026-11-22T12:20:01.123456789Z"
std::string rfc3339_utc(std::int64_t unix_ns);
// Of that form only.
std::optional<std::int64_t> unix_ns_of(std::string_view rfc3339);

// In the local time zone: "12:20:01", "12:20:01.123", "2026-11-22 12:20:01".
std::string local_time(std::int64_t unix_ns);
std::string local_time_ms(std::int64_t unix_ns);
std::string local_date_time(std::int64_t unix_ns);
bool same_local_day(std::int64_t a_unix_ns, std::int64_t b_unix_ns);

// A length of time as a person says it: "412 ms", "1.9 s", "22 min", "3 h 5 min", "4 d 2 h".
std::string humanised(std::int64_t duration_ns);

}  // namespace bindtrace
