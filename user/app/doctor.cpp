// SPDX-License-Identifier: Apache-2.0
#include "app/doctor.h"

#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/cost_measurement.h"
#include "app/probe_options.h"
#include "base/clock.h"
#include "base/version.h"
#include "core/checkup.h"
#include "enrich/host_facts.h"
#include "enrich/kernel_setup.h"
#include "enrich/preemption.h"
#include "probe/privilege.h"
#include "probe/probe.h"
#include "sink/checkup.h"
#include "sink/journal.h"
#include "sink/otlp.h"

namespace bindtrace {
namespace {

constexpr const char* kProc = "/proc";
constexpr const char* kSys = "/sys";

KernelFindings kernel_findings() {
  utsname names{};
  ::uname(&names);
  KernelFindings kernel;
  kernel.release = static_cast<const char*>(names.release);
  kernel.architecture = static_cast<const char*>(names.machine);
  kernel.btf = check_btf().has_value();
  kernel.lockdown = read_lockdown(kSys);
  if (!kernel.lockdown && check_privileges() && !check_lockdown()) {
    kernel.lockdown = "confidentiality";
  }
  const PreemptionSources sources = preemption_sources();
  if (const auto model = preemption_model(sources)) {
    kernel.preemption = to_string(*model);
  }
  kernel.programs_preempted = programs_may_be_preempted(sources);
  kernel.cgroups = read_cgroup_hierarchy(kProc);
  return kernel;
}

std::vector<CapabilityFinding> capability_findings() {
  const Capabilities own = own_capabilities();
  std::vector<CapabilityFinding> findings{{"CAP_BPF", own.bpf, ""},
                                          {"CAP_PERFMON", own.perfmon, ""},
                                          {"CAP_SYS_ADMIN", own.sys_admin, ""},
                                          {"CAP_SYS_PTRACE", own.sys_ptrace, ""},
                                          {"CAP_DAC_READ_SEARCH", own.dac_read_search, ""}};
  for (CapabilityFinding& finding : findings) {
    if (!finding.held) {
      finding.without = lost_without(finding.name, own.sys_admin);
    }
  }
  return findings;
}

// Every tier, in the order in which a start tries them.
std::vector<TierFinding> tier_findings(const Checkup& checkup, const Options& options,
                                       const std::vector<Refusal>& refusals, const std::optional<ErrorKind>& trouble) {
  std::vector<TierFinding> findings;
  for (const Tier tier : tiers(checkup.kernel.programs_preempted)) {
    TierFinding finding{.name = std::string(to_string(tier)), .works = std::nullopt, .reason = ""};
    const auto refusal =
        std::find_if(refusals.begin(), refusals.end(), [&](const Refusal& r) { return r.tier == tier; });
    if (finding.name == checkup.tier) {
      finding.works = true;
    } else if (refusal != refusals.end()) {
      finding.works = false;
      finding.reason = refusal->reason;
    } else if (refusals.empty() && trouble) {
      finding.reason =
          *trouble == ErrorKind::kPrivilege ? "a privilege is missing" : "the kernel lacks what all tiers need";
    } else if (options.attach != AttachChoice::kAuto) {
      finding.reason = "--attach names another";
    } else {
      finding.reason = checkup.tier + " goes before it, and works";
    }
    findings.push_back(std::move(finding));
  }
  return findings;
}

void add_cost(Probe& probe, Checkup& checkup) {
  auto cost = measure_cost(probe);
  if (cost) {
    checkup.cost = *std::move(cost);
  } else {
    checkup.no_cost = std::move(cost.error().message);
  }
}

// Empty: there is none.
std::string reason(const Result<std::unique_ptr<Exporter>>& opened) {
  return opened ? "" : opened.error().message;
}

OutputFindings output_findings() {
  OutputFindings output;
  output.terminal = ::isatty(STDOUT_FILENO) == 1;
  const auto name = [](OutputForm form) -> std::string {
    switch (form) {
      case OutputForm::kText:
        return "text";
      case OutputForm::kLine:
        return "line";
      case OutputForm::kJson:
        break;
    }
    return "json";
  };
  output.form = name(output_form(Options{}, output.terminal));
  output.forms = {name(OutputForm::kText), name(OutputForm::kLine), name(OutputForm::kJson)};
  output.destinations = {{"--log-file", ""},
                         {"--journald", reason(open_journal())},
                         {"--otlp", reason(open_otlp("http://127.0.0.1:4318", [](auto&) { return std::nullopt; }))},
                         {"--metrics-file", ""}};
  return output;
}

Result<void> print(const std::string& text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  return written ? Result<void>{} : fail_errno(errno, "write output");
}

}  // namespace

Result<std::optional<ErrorKind>> doctor(const Options& options) {
  Checkup checkup;
  checkup.unix_ns = read_clocks().unix_ns;
  checkup.host = std::make_shared<const HostFacts>(read_host_facts(kProc, "/etc", std::string(version())));
  checkup.kernel = kernel_findings();
  checkup.capabilities = capability_findings();
  checkup.initial_user_namespace = in_initial_user_namespace(kProc);
  checkup.initial_pid_namespace = in_initial_pid_namespace(kProc);
  checkup.output = output_findings();

  std::optional<ErrorKind> trouble;
  std::vector<Refusal> refusals;
  const bool preempted = checkup.kernel.programs_preempted;
  auto probe = Probe::start(probe_options(options, preempted), &refusals);
  if (probe) {
    checkup.tier = to_string(probe->tier());
    checkup.unproven = probe->unproven();
    checkup.kernel.has_loop = variant_of_this_kernel() == Variant::kLoop;
    checkup.initial_pid_namespace = probe->own_tgid() == static_cast<std::uint32_t>(::getpid());
    add_cost(*probe, checkup);
  } else {
    checkup.trouble = std::move(probe.error().message);
    checkup.no_cost = "no tier works";
    trouble = probe.error().kind;
  }
  checkup.tiers = tier_findings(checkup, options, refusals, trouble);
  checkup.blind_spots = blind_spots({.tier = checkup.tier,
                                     .programs_preempted = preempted,
                                     .records_binds = options.bound_by,
                                     .vsock_types = vsock_has_types(kProc, kSys),
                                     .cgroups = checkup.kernel.cgroups,
                                     .initial_pid_namespace = checkup.initial_pid_namespace,
                                     .proc_shows_all = shows_all_processes(kProc)});
  const auto printed =
      print(options.output == OutputForm::kJson ? render_checkup_json(checkup) : render_checkup_text(checkup));
  return printed ? Result<std::optional<ErrorKind>>(trouble) : tl::unexpected(printed.error());
}

}  // namespace bindtrace
