// SPDX-License-Identifier: Apache-2.0
// What this process may and what this kernel offers, asked before libbpf fails less clearly.
#pragma once

#include "base/result.h"

namespace bindtrace {

// kPrivilege when a capability is missing that loading and attaching need (capabilities(7)).
Result<void> check_privileges();

// kUnsupported when the kernel has no BTF: CO-RE cannot work without.
Result<void> check_btf();

}  // namespace bindtrace
