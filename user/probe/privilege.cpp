// SPDX-License-Identifier: Apache-2.0
#include "probe/privilege.h"

#include <cap-ng.h>
#include <unistd.h>

#include <string>

namespace bindtrace {
namespace {

constexpr const char* kBtf = "/sys/kernel/btf/vmlinux";

bool have(unsigned capability) {
  return capng_have_capability(CAPNG_EFFECTIVE, capability) != 0;
}

}  // namespace

Result<void> check_privileges() {
  if (have(CAP_SYS_ADMIN)) {
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

}  // namespace bindtrace
