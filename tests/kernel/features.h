// SPDX-License-Identifier: Apache-2.0
// What not every kernel has, asked of the running one: udplite (no more in 7.2), mptcp, sctp, vsock, vsock_loopback,
// vxlan, compat (32-bit system calls) and io_uring_bind (bind and listen by io_uring, since 6.11).
#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace bindtrace {

// Those of the tiers on which to run `suite`, whose tests need `feature`: none where the kernel lacks it, and then a
// line on stdout says so. Where BINDTRACE_EXPECT names it the suite runs all the same, and fails if it cannot.
std::vector<std::string> tiers_with(const std::string& feature, const std::string& suite,
                                    const std::vector<std::string>& tiers);

}  // namespace bindtrace

// What tier_test.h has, if the kernel has `feature`.
#define BINDTRACE_ON_TIERS_WITH(feature, suite, tiers)                                                    \
  GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(suite);                                                   \
  INSTANTIATE_TEST_SUITE_P(On, suite, testing::ValuesIn(::bindtrace::tiers_with(feature, #suite, tiers)), \
                           ::bindtrace::tier_name)
#define BINDTRACE_ON_EVERY_TIER_WITH(feature, suite) \
  BINDTRACE_ON_TIERS_WITH(feature, suite, ::bindtrace::tiers_to_test())
#define BINDTRACE_ON_EVERY_TIER_UNLESS_SHORT_WITH(feature, suite) \
  BINDTRACE_ON_TIERS_WITH(feature, suite, ::bindtrace::tiers_unless_short())
