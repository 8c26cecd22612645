// SPDX-License-Identifier: Apache-2.0
// The fixture of every test that runs once for each attach tier.
#pragma once

#include <string>

#include <gtest/gtest.h>

#include "netns.h"
#include "record.h"
#include "scenario.h"
#include "settings.h"
#include "tracer.h"

namespace bindtrace {

class TierTest : public testing::TestWithParam<std::string> {
 protected:
  [[nodiscard]] const std::string& tier() const { return GetParam(); }
  [[nodiscard]] const Netns& netns() const { return netns_; }

  // The one record of the victim's failure; anything but exactly one is a failure of the test.
  [[nodiscard]] Record only_conflict_of(Tracer& tracer, const Victim& victim) const;

  // The kernel itself knows the address on these tiers; on the others it is read from the caller's memory.
  [[nodiscard]] bool address_is_the_kernels() const { return tier() != "tracepoint"; }

 private:
  Netns netns_;
};

// One tracer a tier serves all tests, for a start is dear: tests look at their own processes' records only.
class SharedTracerTest : public TierTest {
 protected:
  void SetUp() override;

  [[nodiscard]] Tracer& tracer() const { return *tracer_; }
  [[nodiscard]] Record only_conflict_of(const Victim& victim) const {
    return TierTest::only_conflict_of(tracer(), victim);
  }

 private:
  Tracer* tracer_ = nullptr;
};

// What a record of a failed bind or listen says about a process that the test knows.
void expect_victim(const Record& record, const Victim& victim, const std::string& comm);
// What it says about the holder of the socket that blocked.
void expect_holder(const Record& record, const Held& held, const std::string& comm);
// The same of an address without a bind table: found among all descriptors, after the failing call.
void expect_searched_holder(const Record& record, const Held& held, const std::string& comm);
// Which call failed and how it came in.
void expect_call(const Record& record, const std::string& operation, const std::string& entry);
// Transport, type, address and port.
void expect_endpoint(const Record& record, const std::string& transport, const Endpoint& endpoint);
// The same of an address that is no IP address.
void expect_local_endpoint(const Record& record, const std::string& transport, const std::string& address);

// Waits until the tracer has written all that happened before.
void settle(Tracer& tracer);

// Ends the shared tracers: for a test that floods the machine and has one of its own.
// Each must end well and balance its accounts.
void stop_shared_tracers();

inline std::string tier_name(const testing::TestParamInfo<std::string>& tier) {
  return tier.param;
}

}  // namespace bindtrace

// Which tiers of BINDTRACE_TIERS the tests of `suite` run on. A short run (BINDTRACE_SHORT) has all suites but those
// that say otherwise.

// Every tier: what it sees of the kernel.
#define BINDTRACE_ON_EVERY_TIER(suite) \
  INSTANTIATE_TEST_SUITE_P(On, suite, testing::ValuesIn(::bindtrace::tiers_to_test()), ::bindtrace::tier_name)

// Every tier, but in a short run the last: what the kernel has a say in, though hardly another for each tier, and needs
// a tracer of its own or takes long.
#define BINDTRACE_ON_EVERY_TIER_UNLESS_SHORT(suite) \
  INSTANTIATE_TEST_SUITE_P(On, suite, testing::ValuesIn(::bindtrace::tiers_unless_short()), ::bindtrace::tier_name)

// The last tier, which starts fastest.
#define BINDTRACE_ON_ONE_TIER(suite) \
  INSTANTIATE_TEST_SUITE_P(On, suite, testing::ValuesIn(::bindtrace::last_tier_to_test()), ::bindtrace::tier_name)

// The last tier, but none in a short run: what is the same on every kernel.
#define BINDTRACE_ON_ONE_TIER_UNLESS_SHORT(suite)       \
  GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(suite); \
  INSTANTIATE_TEST_SUITE_P(On, suite, testing::ValuesIn(::bindtrace::last_tier_unless_short()), ::bindtrace::tier_name)
