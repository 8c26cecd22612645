// SPDX-License-Identifier: Apache-2.0
#include "run_bench.h"

#include <cstdio>
#include <exception>

namespace bindtrace::bench {

int run_bench(const char* name, const std::function<void()>& body) {
  try {
    body();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", name, error.what());
    return 1;
  }
  return 0;
}

}  // namespace bindtrace::bench
