// SPDX-License-Identifier: Apache-2.0
// The BPF objects that are inside this program, compressed.
#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"

namespace bindtrace {

// Which build of the programs: from 5.17, which has bpf_loop, and before.
enum class Variant { kLoop, kBounded };

// The ELF file.
Result<std::vector<std::byte>> embedded_object(Variant variant);

}  // namespace bindtrace
