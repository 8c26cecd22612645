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

// By the names of preempt= (Documentation/admin-guide/kernel-parameters.txt). Under none and voluntary the kernel
// yields at points of its own, and a BPF program has none.
std::optional<bool> preempts(std::string_view mode) {
  if (mode == "none" || mode == "voluntary") {
    return false;
  }
  if (mode == "full" || mode == "lazy") {
    return true;
  }
  return std::nullopt;
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

std::optional<bool> preempts_by_config(const std::filesystem::path& path) {
  const std::string config = '\n' + read_text(path);
  if (config.find("\nCONFIG_PREEMPT_NONE=y") != std::string::npos ||
      config.find("\nCONFIG_PREEMPT_VOLUNTARY=y") != std::string::npos) {
    return false;
  }
  return std::nullopt;
}

}  // namespace

PreemptionSources preemption_sources() {
  PreemptionSources sources;
  utsname kernel{};
  ::uname(&kernel);
  sources.config_of_release = std::string("/boot/config-") + static_cast<const char*>(kernel.release);
  return sources;
}

bool programs_may_be_preempted(const PreemptionSources& sources) {
  const std::string version = read_text(sources.version);
  if (!version.empty() && version.find("PREEMPT") == std::string::npos) {
    return false;
  }
  if (const auto known = preempts(between(read_text(sources.mode), "(", ")"))) {
    return *known;
  }
  if (const auto known = preempts(between(' ' + read_text(sources.command_line), " preempt=", " \n"))) {
    return *known;
  }
  if (const auto known = preempts_by_config(sources.config)) {
    return *known;
  }
  return preempts_by_config(sources.config_of_release).value_or(true);
}

}  // namespace bindtrace
