// SPDX-License-Identifier: Apache-2.0
// One run of a BPF iterator: the program sees each object there is, and what it wrote comes back.
#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"

namespace bindtrace {

// program_fd: of a loaded program of type "iter/..." (bpf_iter, Documentation/bpf/bpf_iterators.rst).
Result<std::vector<std::byte>> run_iterator(int program_fd);

}  // namespace bindtrace
