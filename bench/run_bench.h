// SPDX-License-Identifier: Apache-2.0
// What the main() of every benchmark comes down to.
#pragma once

#include <functional>

namespace bindtrace::bench {

// The exit status of the benchmark `name` after `body`: 0, or 1 where it threw, which one line on stderr tells.
int run_bench(const char* name, const std::function<void()>& body);

}  // namespace bindtrace::bench
