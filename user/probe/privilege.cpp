// SPDX-License-Identifier: Apache-2.0
#include "probe/privilege.h"

#include <bpf/bpf.h>
#include <cap-ng.h>
#include <linux/bpf.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <string>

#include "base/unique_fd.h"

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

Capabilities own_capabilities() {
  return {.bpf = have(CAP_BPF),
          .perfmon = have(CAP_PERFMON),
          .sys_admin = has_sys_admin(),
          .sys_ptrace = have(CAP_SYS_PTRACE),
          .dac_read_search = have(CAP_DAC_READ_SEARCH)};
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

// Asked of the verifier by a program that calls the helper, for securityfs need not be mounted. Not by
// libbpf_probe_bpf_helper(): it takes the words in which 7.2 refuses for another trouble.
Result<void> check_lockdown() {
  constexpr std::uint8_t kSet = BPF_ALU64 | BPF_MOV;  // these two with a constant: BPF_K is 0
  constexpr std::uint8_t kAdd = BPF_ALU64 | BPF_ADD;
  const std::array<bpf_insn, 7> reads_kernel_memory{{
      {BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_1, BPF_REG_10, 0, 0},
      {kAdd, BPF_REG_1, 0, 0, -8},
      {kSet, BPF_REG_2, 0, 0, 8},
      {kSet, BPF_REG_3, 0, 0, 0},
      {BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_probe_read_kernel},
      {kSet, BPF_REG_0, 0, 0, 0},
      {BPF_JMP | BPF_EXIT, 0, 0, 0, 0},
  }};
  const UniqueFd program(bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, nullptr, "GPL", reads_kernel_memory.data(),
                                       reads_kernel_memory.size(), nullptr));
  if (program.valid() || errno != EINVAL) {
    return {};  // or another trouble, which will be told where it is met
  }
  return fail(ErrorKind::kUnsupported,
              "kernel lockdown is \"confidentiality\": BPF may not read kernel memory; start the kernel with "
              "lockdown=integrity instead, for it cannot be lowered while it runs (kernel_lockdown(7))");
}

Result<void> check_all() {
  for (const auto& check : {check_privileges, check_btf, check_lockdown}) {
    if (auto fine = check(); !fine) {
      return fine;
    }
  }
  return {};
}

// Without them libbpf would try kprobes in tracefs instead, which outlive a process that is killed.
Result<void> check_offered(Tier tier) {
  if (tier != Tier::kKprobe || ::access(kKprobes, F_OK) == 0) {
    return {};
  }
  return fail(ErrorKind::kUnsupported, "this kernel has no kprobes (CONFIG_KPROBE_EVENTS)");
}

}  // namespace bindtrace
