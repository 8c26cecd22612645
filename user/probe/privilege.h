// SPDX-License-Identifier: Apache-2.0
// What this process may and what this kernel offers, asked before libbpf fails less clearly.
#pragma once

#include "base/result.h"
#include "probe/tier.h"

namespace bindtrace {

// kPrivilege when a capability is missing that loading and attaching need (capabilities(7)).
Result<void> check_privileges();

// What is refused in spite of it is refused to everybody here.
bool has_sys_admin();

// Those that make a difference here. In another user namespace than the initial one they do not count for BPF.
struct Capabilities {
  bool bpf = false;
  bool perfmon = false;
  bool sys_admin = false;
  bool sys_ptrace = false;
  bool dac_read_search = false;
};
Capabilities own_capabilities();

// kUnsupported when the kernel has no BTF: CO-RE cannot work without.
Result<void> check_btf();

// kUnsupported when the kernel keeps its memory from BPF programs, which then have nothing to tell.
Result<void> check_lockdown();

// These three, the first that is amiss.
Result<void> check_all();

// kUnsupported when the kernel was built without what the tier's programs attach to.
Result<void> check_offered(Tier tier);

}  // namespace bindtrace
