// SPDX-License-Identifier: Apache-2.0
// The block of `bindtrace doctor`: per row a thing, a mark, and words.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/escape.h"
#include "sink/checkup.h"

namespace bindtrace {
namespace {

constexpr std::size_t kNameColumns = 21;
constexpr std::size_t kMarkColumns = 11;
constexpr std::size_t kPageColumns = 112;

constexpr std::string_view kOk = "ok";
constexpr std::string_view kMissing = "missing";
constexpr std::string_view kRefused = "refused";
constexpr std::string_view kLimited = "limited";
constexpr std::string_view kUnknown = "unknown";

// Broken between words where it is longer than the page; further lines begin at `indent`.
std::string wrapped(std::string_view text, std::size_t indent) {
  std::string lines;
  const std::size_t width = kPageColumns - indent;
  while (text.size() > width && text.find(' ') != std::string_view::npos) {
    const std::size_t before = text.rfind(' ', width);
    const std::size_t end = before == std::string_view::npos ? text.find(' ') : before;
    lines += std::string(text.substr(0, end)) + '\n' + std::string(indent, ' ');
    text.remove_prefix(end + 1);
  }
  return lines + std::string(text);
}

class Block {
 public:
  void line(std::string_view text) { out_ += std::string(text) + '\n'; }
  void heading(std::string_view text) { line(fmt::format("\n{}", text)); }

  // Words from outside are made safe here.
  void row(std::string_view name, std::string_view mark, std::string_view words) {
    const std::string start = fmt::format("  {:<{}}{:<{}}", name, kNameColumns, mark, kMarkColumns);
    const std::string safe = wrapped(escape_terminal(words), start.size());
    line(safe.empty() ? std::string_view(start).substr(0, start.find_last_not_of(' ') + 1) : start + safe);
  }

  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

void tiers(const Checkup& checkup, Block& block) {
  block.heading("tiers, the best one here first");
  for (const TierFinding& tier : checkup.tiers) {
    if (!tier.works) {
      block.row(tier.name, "not tried", tier.reason);
    } else if (!*tier.works) {
      block.row(tier.name, kRefused, tier.reason);
    } else if (checkup.unproven) {
      block.row(tier.name, kUnknown, "attached, but the self-check could not be made: " + *checkup.unproven);
    } else {
      block.row(tier.name, kOk, "in use; the self-check saw a tcp and a udp bind fail, and who held the ports");
    }
  }
}

void lockdown(const KernelFindings& kernel, Block& block) {
  if (!kernel.lockdown) {
    block.row("lockdown", kUnknown, "/sys/kernel/security/lockdown is not there");
  } else if (*kernel.lockdown == "confidentiality") {
    block.row("lockdown", kRefused, "confidentiality: BPF may not read the kernel's memory");
  } else {
    block.row("lockdown", kOk, *kernel.lockdown);
  }
}

void preemption(const KernelFindings& kernel, Block& block) {
  const std::string model = kernel.preemption.value_or("");
  if (!kernel.programs_preempted) {
    block.row("preemption", kOk, (model.empty() ? "none or voluntary" : model) + ": a BPF program runs to its end");
  } else if (model.empty()) {
    block.row("preemption", kUnknown, "taken for full: BPF programs get backups, and kprobe goes before fexit");
  } else {
    block.row("preemption", kLimited, model + ": BPF programs get backups, and kprobe goes before fexit");
  }
}

void cgroups(const KernelFindings& kernel, Block& block) {
  if (!kernel.cgroups) {
    block.row("cgroups", kUnknown, "");
    return;
  }
  switch (*kernel.cgroups) {
    case CgroupHierarchy::kV2:
      block.row("cgroups", kOk, "v2");
      break;
    case CgroupHierarchy::kHybrid:
      block.row("cgroups", kLimited, "hybrid: v2 beside v1");
      break;
    case CgroupHierarchy::kV1:
      block.row("cgroups", kLimited, "v1");
      break;
  }
}

void kernel(const KernelFindings& kernel, Block& block) {
  block.heading("kernel");
  block.row("release", "", kernel.release + ", " + kernel.architecture);
  block.row("BTF", kernel.btf ? kOk : kMissing,
            kernel.btf ? "" : "/sys/kernel/btf/vmlinux cannot be read: the kernel needs CONFIG_DEBUG_INFO_BTF=y");
  lockdown(kernel, block);
  preemption(kernel, block);
  cgroups(kernel, block);
}

void name_space(std::string_view name, const std::optional<bool>& is_initial, std::string_view lost, Block& block) {
  if (!is_initial) {
    block.row(name, kUnknown, "");
  } else {
    block.row(name, *is_initial ? kOk : kLimited, *is_initial ? "the host's" : lost);
  }
}

void privileges(const Checkup& checkup, Block& block) {
  block.heading("privileges");
  for (const CapabilityFinding& capability : checkup.capabilities) {
    block.row(capability.name, capability.held ? kOk : kMissing, capability.held ? "" : capability.without);
  }
  name_space("user namespace", checkup.initial_user_namespace,
             "not the host's: capabilities of this one do not count for BPF", block);
  name_space("pid namespace", checkup.initial_pid_namespace, "not the host's: a container needs --pid=host", block);
}

std::string difference(const CallCost& cost) {
  if (!cost.is_told()) {
    return "noise";
  }
  constexpr double kPercent = 100;
  return fmt::format("{:+.1f} %", (cost.traced_ns / cost.untraced_ns - 1) * kPercent);
}

void cost(const Checkup& checkup, Block& block) {
  if (!checkup.cost) {
    block.heading("cost");
    block.row("not measured", "", checkup.no_cost);
    return;
  }
  constexpr std::string_view kRow = "  {:<28}{:>10}{:>10}{:>12}{:>8}{:>9}";
  block.heading(
      fmt::format("cost of tier {}, measured just now (nanoseconds a call; the next time differs)", checkup.tier));
  block.line(fmt::format(kRow, "", "untraced", "traced", "difference", "noise", "calls"));
  for (const CallCost& call : checkup.cost->calls) {
    const auto whole = [](double ns) { return fmt::format("{:.0f}", ns); };
    block.line(fmt::format(kRow, call.call, whole(call.untraced_ns), whole(call.traced_ns), difference(call),
                           "+-" + whole(call.noise_ns), call.calls));
  }
}

void blind_spots(const Checkup& checkup, Block& block) {
  if (checkup.blind_spots.empty()) {
    return;
  }
  constexpr std::string_view kItem = "  - ";
  block.heading("blind spots");
  for (const std::string& spot : checkup.blind_spots) {
    block.line(std::string(kItem) + wrapped(spot, kItem.size()));
  }
}

void output(const OutputFindings& output, Block& block) {
  block.heading("output");
  block.row("stdout", kOk,
            fmt::format("{}: {} by default; -o takes {}", output.terminal ? "a terminal" : "no terminal", output.form,
                        fmt::join(output.forms, ", ")));
  for (const DestinationFinding& destination : output.destinations) {
    block.row(destination.option, destination.not_there.empty() ? kOk : kMissing, destination.not_there);
  }
}

}  // namespace

std::string render_checkup_text(const Checkup& checkup) {
  Block block;
  block.line(wrapped(escape_terminal(verdict(checkup)), 2));
  tiers(checkup, block);
  kernel(checkup.kernel, block);
  privileges(checkup, block);
  cost(checkup, block);
  blind_spots(checkup, block);
  output(checkup.output, block);
  return block.take();
}

}  // namespace bindtrace
