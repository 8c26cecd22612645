// SPDX-License-Identifier: Apache-2.0
// The record bindtrace.doctor: its paths are a contract with users.
#include <cmath>
#include <optional>
#include <string_view>

#include "base/escape.h"
#include "sink/checkup.h"
#include "sink/json_head.h"

namespace bindtrace {
namespace {

template <typename Value>
Json or_null(const std::optional<Value>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json kernel_json(const KernelFindings& kernel) {
  Json object;
  object["release"] = json_text(kernel.release);
  object["architecture"] = json_text(kernel.architecture);
  return object;
}

Json variant_json(const std::optional<bool>& has_loop) {
  return has_loop ? Json(*has_loop ? "loop" : "bounded") : Json(nullptr);
}

Json capabilities_json(const Checkup& checkup) {
  Json object = Json::object();
  for (const CapabilityFinding& capability : checkup.capabilities) {
    object[capability.name]["held"] = capability.held;
    object[capability.name]["without"] = json_text(capability.without);
  }
  return object;
}

Json namespace_json(const std::optional<bool>& is_initial) {
  return is_initial ? Json(*is_initial ? "initial" : "other") : Json(nullptr);
}

Json tiers_json(const Checkup& checkup) {
  Json list = Json::array();
  for (const TierFinding& tier : checkup.tiers) {
    Json object;
    object["name"] = tier.name;
    object["works"] = or_null(tier.works);
    object["reason"] = json_text(tier.reason);
    list.push_back(std::move(object));
  }
  return list;
}

// Whether it passed: no tier that fails it is taken.
Json self_check_json(const Checkup& checkup) {
  Json object;
  object["passed"] = checkup.tier.empty() || checkup.unproven ? Json(nullptr) : Json(true);
  object["reason"] = json_text(checkup.unproven);
  return object;
}

// More digits would claim more than was measured.
double rounded(double ns) {
  constexpr double kSteps = 10;
  return std::round(ns * kSteps) / kSteps;
}

Json cost_json(const Checkup& checkup) {
  if (!checkup.cost) {
    return nullptr;
  }
  Json object;
  object["rounds"] = checkup.cost->rounds;
  object["calls"] = Json::array();
  for (const CallCost& cost : checkup.cost->calls) {
    constexpr double kPerMille = 1000;
    Json call;
    call["call"] = cost.call;
    call["count"] = cost.calls;
    call["untraced_ns"] = rounded(cost.untraced_ns);
    call["traced_ns"] = rounded(cost.traced_ns);
    call["noise_ns"] = rounded(cost.noise_ns);
    call["ratio"] = std::round(cost.traced_ns / cost.untraced_ns * kPerMille) / kPerMille;
    object["calls"].push_back(std::move(call));
  }
  return object;
}

Json sinks_json(const OutputFindings& output) {
  Json standard;
  standard["name"] = "stdout";
  standard["ready"] = true;
  standard["reason"] = nullptr;
  standard["forms"] = output.forms;
  standard["default_form"] = output.form;
  standard["terminal"] = output.terminal;
  Json sinks = Json::array({standard});
  for (const DestinationFinding& destination : output.destinations) {
    Json sink;
    sink["name"] = destination.option;
    sink["ready"] = destination.not_there.empty();
    sink["reason"] = json_text(destination.not_there);
    sinks.push_back(std::move(sink));
  }
  return sinks;
}

}  // namespace

std::string render_checkup_json(const Checkup& checkup) {
  constexpr std::string_view kName = "bindtrace.doctor";
  const HostFacts* host = checkup.host.get();
  const std::string id = event_id(kName, host, static_cast<std::uint64_t>(checkup.unix_ns), 0);
  const std::string_view severity = checkup.tier.empty() ? "ERROR" : "INFO";
  Json record = head_json({kName, severity, checkup.unix_ns, checkup.unix_ns, id}, verdict(checkup));
  add_host(host, record);
  record["bindtrace"]["tier"] = json_text(checkup.tier);
  Json& own = record["bindtrace"]["doctor"];
  own["trouble"] = json_text(checkup.trouble);
  own["self_check"] = self_check_json(checkup);
  own["tiers"] = tiers_json(checkup);
  own["kernel"] = kernel_json(checkup.kernel);
  own["btf"] = checkup.kernel.btf;
  own["lockdown"] = json_text(checkup.kernel.lockdown);
  own["preemption"] = json_text(checkup.kernel.preemption);
  own["programs_may_be_preempted"] = checkup.kernel.programs_preempted;
  own["variant"] = variant_json(checkup.kernel.has_loop);
  own["cgroups"] = checkup.kernel.cgroups ? Json(to_string(*checkup.kernel.cgroups)) : Json(nullptr);
  own["capabilities"] = capabilities_json(checkup);
  own["user_namespace"] = namespace_json(checkup.initial_user_namespace);
  own["pid_namespace"] = namespace_json(checkup.initial_pid_namespace);
  own["cost"] = cost_json(checkup);
  own["cost_reason"] = json_text(checkup.no_cost);
  own["blind_spots"] = Json(checkup.blind_spots);
  own["sinks"] = sinks_json(checkup.output);
  return json_line(record);
}

}  // namespace bindtrace
