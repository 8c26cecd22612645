// SPDX-License-Identifier: Apache-2.0
// Tests run in a zone of their own, so that local times are the same everywhere.
#include <cstdlib>
#include <ctime>

#include <gtest/gtest.h>

int main(int argc, char** argv) {
  // The sign is POSIX's: one hour east of Greenwich.
  ::setenv("TZ", "UTC-1", 1);  // NOLINT(concurrency-mt-unsafe): one thread
  ::tzset();
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
