// SPDX-License-Identifier: Apache-2.0
// What systemd is told of a service that it has started (sd_notify(3)); nothing where it has not, or in a build without
// libsystemd.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace bindtrace {

class ServiceManager {
 public:
  using Clock = std::chrono::steady_clock;

  ServiceManager();

  // `status` is what `systemctl status` shows.
  void ready(const std::string& status);
  void stopping();

  // When the watchdog wants to hear again that the event loop turns; absent: there is none.
  [[nodiscard]] std::optional<Clock::time_point> next_sign() const { return next_sign_; }
  void give_sign();

 private:
  std::chrono::microseconds interval_{0};
  std::optional<Clock::time_point> next_sign_;
};

}  // namespace bindtrace
