// SPDX-License-Identifier: Apache-2.0
// What the tests of filters have in common: victims that a filter lets pass or does not, and what a tracer made of
// them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "cgroup.h"
#include "tier_test.h"

namespace bindtrace {

// Of a tracer.
using Options = std::vector<std::string>;

Request tcp_at(uint16_t port);

class FilterTest : public TierTest {
 protected:
  FilterTest();

  // Only this test's failures pass: its namespace is nobody else's.
  [[nodiscard]] Options here(const Options& more) const;

  // A victim that does something before it makes the socket.
  [[nodiscard]] Victim fail_after(const std::function<void()>& something, const Request& request) const;
  // It is in the cgroup when it fails.
  [[nodiscard]] Victim fail_within(const Cgroup& cgroup, const Request& request) const;

  // Ends the tracer: of each of these victims it has shown the one failure, of the others nothing, and it has counted
  // these alone as attempted.
  static void expect_shown(Tracer& tracer, const std::vector<pid_t>& shown, const std::vector<pid_t>& hidden);
  static void expect_shown(Tracer& tracer, const Victim& shown, const Victim& hidden);
};

}  // namespace bindtrace
