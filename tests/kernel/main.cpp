// SPDX-License-Identifier: Apache-2.0
// Tests of the real tracer on the running kernel; settings.h has what the environment must and may say.
#include <cstdio>

#include <gtest/gtest.h>

#include "run_role.h"
#include "scenario.h"
#include "settings.h"

int main(int argc, char** argv) {
  if (bindtrace::play_role(argc, argv)) {
    return 0;
  }
  if (const auto status = bindtrace::play_run_role(argc, argv)) {
    return *status;
  }
  if (bindtrace::tiers_to_test().empty()) {
    std::fputs(
        "bindtrace_kernel_tests: BINDTRACE_TIERS must list the attach tiers that have to work on this "
        "kernel, e.g. BINDTRACE_TIERS=fexit,kprobe,tracepoint\n",
        stderr);
    return 2;
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
