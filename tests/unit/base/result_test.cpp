// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"

#include <cerrno>

#include <gtest/gtest.h>

namespace bindtrace {
namespace {

Result<int> refuse() {
  return fail_errno(ENOENT, "open /proc/1/stat");
}

TEST(Result, AFailedCallSaysWhatItWasDoingAndWhyItFailed) {
  const auto result = refuse();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "open /proc/1/stat: No such file or directory");
  EXPECT_EQ(result.error().os_error, ENOENT);
  EXPECT_EQ(result.error().kind, ErrorKind::kSystem);
}

TEST(Result, AMissingRightIsItsOwnKind) {
  const Result<void> result = fail_errno(EACCES, "load programs");
  EXPECT_EQ(result.error().kind, ErrorKind::kPrivilege);
}

TEST(Result, ContextStandsInFrontAndKeepsTheKind) {
  const Result<void> result = with_context(refuse().error(), "read victim");
  EXPECT_EQ(result.error().message, "read victim: open /proc/1/stat: No such file or directory");
  EXPECT_EQ(result.error().os_error, ENOENT);
}

TEST(Result, TakesBackWhatMapReturns) {
  const Result<int> doubled = Result<int>(21).map([](int n) { return 2 * n; });
  EXPECT_EQ(doubled.value(), 42);
}

}  // namespace
}  // namespace bindtrace
