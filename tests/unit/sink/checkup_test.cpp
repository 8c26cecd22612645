// SPDX-License-Identifier: Apache-2.0
#include "sink/checkup.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "golden.h"
#include "incidents.h"

namespace bindtrace {
namespace {

using Json = nlohmann::ordered_json;

// A container without two rights on a host that preempts.
Checkup limited_host() {
  Checkup checkup;
  checkup.unix_ns = kFailureUnixNs;
  checkup.host = test_host();
  checkup.tier = "tracepoint";
  checkup.tiers = {{"kprobe", false, "this kernel has no kprobes (CONFIG_KPROBE_EVENTS)"},
                   {"fexit", false, "load the BPF programs: Operation not permitted"},
                   {"tracepoint", true, ""}};
  checkup.kernel = {.release = "6.12.107",
                    .architecture = "x86_64",
                    .btf = true,
                    .lockdown = "integrity",
                    .preemption = "full",
                    .programs_preempted = true,
                    .has_loop = true,
                    .cgroups = CgroupHierarchy::kHybrid};
  checkup.capabilities = {{"CAP_BPF", true, ""},
                          {"CAP_PERFMON", true, ""},
                          {"CAP_SYS_PTRACE", false, std::string(lost_without("CAP_SYS_PTRACE", false))}};
  checkup.initial_user_namespace = true;
  checkup.initial_pid_namespace = false;
  checkup.cost = Cost{5,
                      {{"tcp: socket, bind, close", 4000, 6478.26, 7269.1, 68.94},
                       {"any other call (getppid)", 80000, 96.2, 96.9, 1.04}}};
  checkup.blind_spots = blind_spots({.tier = checkup.tier,
                                     .programs_preempted = true,
                                     .vsock_types = std::nullopt,
                                     .cgroups = checkup.kernel.cgroups,
                                     .initial_pid_namespace = false});
  checkup.output = {.terminal = true, .form = "text", .forms = {"text", "line", "json"}, .destinations = {}};
  return checkup;
}

// Nothing was to be found out.
Checkup unknown_host() {
  Checkup checkup;
  checkup.unix_ns = kFailureUnixNs;
  checkup.trouble = "missing CAP_BPF and CAP_PERFMON: run it as root (sudo bindtrace)";
  checkup.tiers = {{"fexit", std::nullopt, "a privilege is missing"}};
  checkup.kernel.release = "6.12.107";
  checkup.kernel.architecture = "x86_64";
  checkup.capabilities = {{"CAP_BPF", false, std::string(lost_without("CAP_BPF", false))}};
  checkup.no_cost = "no tier works";
  checkup.output = {.terminal = false,
                    .form = "line",
                    .forms = {"text", "line", "json"},
                    .destinations = {{"--log-file", ""}, {"--journald", "no journal here"}}};
  return checkup;
}

TEST(CheckupText, OfALimitedHostIsAnAlignedBlock) {
  expect_golden("doctor_limited.txt", render_checkup_text(limited_host()));
}

TEST(CheckupText, OfAHostWhereNothingWorksSaysWhyFirst) {
  expect_golden("doctor_unknown.txt", render_checkup_text(unknown_host()));
}

TEST(CheckupText, OfAnOldKernelThatYieldsByItselfAndIsLockedDown) {
  Checkup checkup = limited_host();
  checkup.unproven = "bind a tcp socket on loopback: Cannot assign requested address";
  checkup.kernel.has_loop = false;
  checkup.kernel.preemption.reset();
  checkup.kernel.programs_preempted = false;
  checkup.kernel.lockdown = "confidentiality";
  checkup.kernel.btf = false;
  checkup.kernel.cgroups = CgroupHierarchy::kV1;
  const std::string text = render_checkup_text(checkup);
  for (const char* words :
       {"tracepoint           unknown    attached, but the self-check could not be made: bind a tcp",
        "BTF                  missing", "lockdown             refused    confidentiality",
        "preemption           ok         none or voluntary", "limited    v1\n"}) {
    EXPECT_NE(text.find(words), std::string::npos) << words << " is not in\n" << text;
  }
}

TEST(CheckupText, HasNoLongLinesAndNoBlanksAtTheirEnds) {
  for (const Checkup& checkup : {limited_host(), unknown_host()}) {
    const std::string text = render_checkup_text(checkup);
    EXPECT_EQ(text.find(" \n"), std::string::npos) << text;
    for (std::size_t start = 0, end = 0; (end = text.find('\n', start)) != std::string::npos; start = end + 1) {
      EXPECT_LE(end - start, 112U) << text.substr(start, end - start);
    }
  }
}

TEST(CheckupText, EscapesWhatComesFromOutside) {
  Checkup checkup = limited_host();
  checkup.tiers[0].reason = "\033[31mred";
  checkup.kernel.release = "6\n12";
  const std::string text = render_checkup_text(checkup);
  EXPECT_EQ(text.find('\033'), std::string::npos) << text;
  EXPECT_NE(text.find("6\\x0a12"), std::string::npos) << text;
}

TEST(CheckupJson, OfALimitedHostIsComplete) {
  expect_golden("doctor_limited.json", Json::parse(render_checkup_json(limited_host())).dump(2) + "\n");
}

TEST(CheckupJson, OfNothingKnownHasNulls) {
  expect_golden("doctor_unknown.json", Json::parse(render_checkup_json(unknown_host())).dump(2) + "\n");
}

TEST(CheckupJson, IsOneLine) {
  const std::string line = render_checkup_json(limited_host());
  EXPECT_EQ(line.find('\n'), line.size() - 1);
}

}  // namespace
}  // namespace bindtrace
