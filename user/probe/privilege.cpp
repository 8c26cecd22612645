// SPDX-License-Identifier: Apache-2.0
#include "probe/privilege.h"

#include <cap-ng.h>
#include <unistd.h>

#include <string>

namespace bindtrace {
namespace {

constexpr const char* kBtf = "/sys/kernel/btf/vmlinux";
constexpr const char* kKprobes = "/sys/bus/event_source/devices/kprobe";

bool have(unsigned capability) {
  return capng_have_capability(CAPNG_EFFECTIVE, capability) != 0;
}

}  // namespace

bool has_sys_admin() {
  return have(CAP_SYS_ADMIN);
}

Result<void> check_privileges() {
  if (has_sys_admin()) {
    return {};
  }
  std::string missing;
  if (!have(CAP_BPF)) {
    missing = "CAP_BPF";
  }
  if (!have(CAP_PERFMON)) {
    missing += missing.empty() ? "CAP_PERFMON" : " and CAP_PERFMON";
  }
  if (missing.empty()) {
    return {};
  }
  return fail(ErrorKind::kPrivilege, "missing " + missing + ": run it as root (sudo bindtrace)");
}

Result<void> check_btf() {
  if (::access(kBtf, R_OK) == 0) {
    return {};
  }
  return fail(ErrorKind::kUnsupported, std::string("this kernel gives no type information (") + kBtf +
                                           "): it must be built with CONFIG_DEBUG_INFO_BTF=y");
}

// Without them libbpf would try kprobes in tracefs instead, which outlive a process that is killed.
Result<void> check_offered(Tier tier) {
  if (tier != Tier::kKprobe || ::access(kKprobes, F_OK) == 0) {
    return {};
  }
  return fail(ErrorKind::kUnsupported, "this kernel has no kprobes (CONFIG_KPROBE_EVENTS)");
}

}  // namespace bindtrace
