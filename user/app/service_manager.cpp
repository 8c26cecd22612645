// SPDX-License-Identifier: Apache-2.0
#include "app/service_manager.h"

#include <systemd/sd-daemon.h>

#include <cstdint>

namespace bindtrace {

ServiceManager::ServiceManager() {
  std::uint64_t timeout_us = 0;
  if (::sd_watchdog_enabled(0, &timeout_us) > 0) {
    interval_ = std::chrono::microseconds(timeout_us / 3);
    next_sign_ = Clock::now();
  }
}

void ServiceManager::ready(const std::string& status) {
  (void)::sd_notify(0, ("READY=1\nSTATUS=" + status).c_str());
}

void ServiceManager::stopping() {
  (void)::sd_notify(0, "STOPPING=1");
}

void ServiceManager::give_sign() {
  if (next_sign_ && *next_sign_ <= Clock::now()) {
    (void)::sd_notify(0, "WATCHDOG=1");
    next_sign_ = Clock::now() + interval_;
  }
}

}  // namespace bindtrace
