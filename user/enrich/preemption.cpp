// SPDX-License-Identifier: Apache-2.0
#include "enrich/preemption.h"

#include <sys/utsname.h>
#include <zlib.h>

#include <array>
#include <memory>
#include <optional>
#include <string>

namespace bindtrace {
namespace {

// Plain or compressed; empty where it cannot be read.
std::string read_text(const std::filesystem::path& path) {
  const std::unique_ptr<gzFile_s, decltype(&gzclose)> file(gzopen(path.c_str(), "rb"), &gzclose);
  std::string text;
  std::array<char, 4096> chunk{};
  for (int length = 0; file && (length = gzread(file.get(), chunk.data(), chunk.size())) > 0;) {
    text.append(chunk.data(), static_cast<std::size_t>(length));
  }
  return text;
}

constexpr std::array kModels{PreemptionModel::kNone, PreemptionModel::kVoluntary, PreemptionModel::kFull,
                             PreemptionModel::kLazy};

std::optional<PreemptionModel> named(std::string_view mode) {
  for (const PreemptionModel model : kModels) {
    if (mode == to_string(model)) {
      return model;
    }
  }
  return std::nullopt;
}

// Under none and voluntary the kernel yields at points of its own, and a BPF program has none.
bool preempts_programs(PreemptionModel model) {
  switch (model) {
    case PreemptionModel::kNone:
    case PreemptionModel::kVoluntary:
      return false;
    case PreemptionModel::kFull:
    case PreemptionModel::kLazy:
      break;
  }
  return true;
}

// What stands between `before` and the next of `ends`.
std::string_view between(std::string_view text, std::string_view before, std::string_view ends) {
  const std::size_t at = text.find(before);
  if (at == std::string_view::npos) {
    return {};
  }
  text.remove_prefix(at + before.size());
  return text.substr(0, text.find_first_of(ends));
}

// Of a kernel that can change its mode: the one that it starts with.
std::optional<PreemptionModel> model_by_config(const std::filesystem::path& path) {
  const std::string config = '\n' + read_text(path);
  const auto has = [&](const char* option) { return config.find(option) != std::string::npos; };
  if (has("\nCONFIG_PREEMPT_NONE=y")) {
    return PreemptionModel::kNone;
  }
  if (has("\nCONFIG_PREEMPT_VOLUNTARY=y")) {
    return PreemptionModel::kVoluntary;
  }
  if (has("\nCONFIG_PREEMPT_LAZY=y")) {
    return PreemptionModel::kLazy;
  }
  return has("\nCONFIG_PREEMPT=y") ? std::optional(PreemptionModel::kFull) : std::nullopt;
}

std::optional<PreemptionModel> model_by_configs(const PreemptionSources& sources) {
  const auto model = model_by_config(sources.config);
  return model ? model : model_by_config(sources.config_of_release);
}

// Then the command line has no say either.
bool built_without(const PreemptionSources& sources) {
  const std::string version = read_text(sources.version);
  return !version.empty() && version.find("PREEMPT") == std::string::npos;
}

}  // namespace

PreemptionSources preemption_sources() {
  PreemptionSources sources;
  utsname kernel{};
  ::uname(&kernel);
  sources.config_of_release = std::string("/boot/config-") + static_cast<const char*>(kernel.release);
  return sources;
}

std::string_view to_string(PreemptionModel model) {
  switch (model) {
    case PreemptionModel::kNone:
      return "none";
    case PreemptionModel::kVoluntary:
      return "voluntary";
    case PreemptionModel::kFull:
      return "full";
    case PreemptionModel::kLazy:
      break;
  }
  return "lazy";
}

std::optional<PreemptionModel> preemption_model(const PreemptionSources& sources) {
  if (built_without(sources)) {
    return model_by_configs(sources);
  }
  if (const auto model = named(between(read_text(sources.mode), "(", ")"))) {
    return model;
  }
  if (const auto model = named(between(' ' + read_text(sources.command_line), " preempt=", " \n"))) {
    return model;
  }
  return model_by_configs(sources);
}

bool programs_may_be_preempted(const PreemptionSources& sources) {
  if (built_without(sources)) {
    return false;
  }
  const auto model = preemption_model(sources);
  return !model || preempts_programs(*model);
}

}  // namespace bindtrace
