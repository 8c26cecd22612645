// SPDX-License-Identifier: Apache-2.0
#include "cli/typed.h"

#include <unistd.h>

#include <array>
#include <cstddef>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cli/quantity.h"

namespace bindtrace {
namespace {

template <typename Value>
struct Choice {
  std::string_view name;
  Value value;
};

template <typename Value, std::size_t N>
Result<Value> choose(std::string_view option, std::string_view text, const std::array<Choice<Value>, N>& choices) {
  std::vector<std::string_view> names;
  for (const Choice<Value>& choice : choices) {
    if (choice.name == text) {
      return choice.value;
    }
    names.push_back(choice.name);
  }
  return fail(ErrorKind::kUsage,
              fmt::format("{} '{}' does not exist: use one of {}", option, text, fmt::join(names, ", ")));
}

Result<void> take_output(const Typed& typed, Options& options) {
  constexpr std::array kForms{Choice<OutputForm>{"text", OutputForm::kText},
                              Choice<OutputForm>{"line", OutputForm::kLine},
                              Choice<OutputForm>{"json", OutputForm::kJson}};
  if (!typed.output.empty()) {
    const auto form = choose("--output", typed.output, kForms);
    if (!form) {
      return tl::unexpected(form.error());
    }
    if (typed.json && *form != OutputForm::kJson) {
      return fail(ErrorKind::kUsage, fmt::format("--json and --output {} exclude each other: use one", typed.output));
    }
    options.output = *form;
  }
  if (typed.json) {
    options.output = OutputForm::kJson;
  }
  return {};
}

Result<void> take_color(const Typed& typed, const Environment& environment, Options& options) {
  constexpr std::array kModes{Choice<ColorMode>{"auto", ColorMode::kAuto},
                              Choice<ColorMode>{"always", ColorMode::kAlways},
                              Choice<ColorMode>{"never", ColorMode::kNever}};
  if (!typed.color.empty()) {
    const auto mode = choose("--color", typed.color, kModes);
    if (!mode) {
      return tl::unexpected(mode.error());
    }
    options.color = *mode;
    return {};
  }
  // https://no-color.org: set and not empty; a flag beats it.
  const bool forbidden = !environment("NO_COLOR").value_or("").empty() || environment("TERM") == "dumb";
  options.color = forbidden ? ColorMode::kNever : ColorMode::kAuto;
  return {};
}

Result<void> take_attach(const Typed& typed, Options& options) {
  constexpr std::array kTiers{Choice<AttachChoice>{"auto", AttachChoice::kAuto},
                              Choice<AttachChoice>{"fexit", AttachChoice::kFexit},
                              Choice<AttachChoice>{"kprobe", AttachChoice::kKprobe},
                              Choice<AttachChoice>{"tracepoint", AttachChoice::kTracepoint}};
  if (typed.attach.empty()) {
    return {};
  }
  const auto tier = choose("--attach", typed.attach, kTiers);
  if (!tier) {
    return tl::unexpected(tier.error());
  }
  options.attach = *tier;
  return {};
}

Result<void> take_ring_size(const Typed& typed, Options& options) {
  if (typed.ring_size.empty()) {
    return {};
  }
  constexpr std::uint64_t kLargest = 1U << 30U;
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  const auto bytes = parse_bytes(typed.ring_size);
  const bool fits = bytes && (*bytes & (*bytes - 1)) == 0 && *bytes >= page && *bytes <= kLargest;
  if (!fits) {
    return fail(ErrorKind::kUsage,
                fmt::format("--ring-size '{}' does not fit: give a power of two from {}K to 1024M, as in 256K or 4M",
                            typed.ring_size, page / 1024));
  }
  options.ring_bytes = static_cast<std::uint32_t>(*bytes);
  return {};
}

Result<void> take_limits(const Typed& typed, Options& options) {
  if (!typed.duration.empty()) {
    options.duration = parse_duration(typed.duration);
    if (!options.duration) {
      return fail(
          ErrorKind::kUsage,
          fmt::format("--duration '{}' is no time: give seconds, or a number with ms, s, m or h", typed.duration));
    }
  }
  if (!typed.max_events.empty()) {
    options.max_events = parse_count(typed.max_events);
    if (options.max_events.value_or(0) == 0) {
      return fail(ErrorKind::kUsage,
                  fmt::format("--max-events '{}' is no count: give a number of 1 or more", typed.max_events));
    }
  }
  return {};
}

Result<void> take_ready_fd(const Typed& typed, Options& options) {
  if (typed.ready_fd.empty()) {
    return {};
  }
  const auto fd = parse_count(typed.ready_fd);
  if (!fd || *fd > static_cast<std::uint64_t>(std::numeric_limits<int>::max())) {
    return fail(
        ErrorKind::kUsage,
        fmt::format("--ready-fd '{}' is no descriptor: give the number of an open one, as in 3", typed.ready_fd));
  }
  options.ready_fd = static_cast<int>(*fd);
  return {};
}

Result<void> take_log_file(const Typed& typed, Options& options) {
  if (typed.log_file.empty()) {
    const bool without = !typed.log_max_size.empty() || !typed.log_keep.empty();
    return without ? fail(ErrorKind::kUsage, "--log-max-size and --log-keep are of a log file: give --log-file too")
                   : Result<void>{};
  }
  LogFileOptions log;
  log.path = typed.log_file;
  if (!typed.log_max_size.empty()) {
    constexpr std::uint64_t kSmallest = 64U << 10U;
    const auto bytes = parse_bytes(typed.log_max_size);
    if (!bytes || (*bytes != 0 && *bytes < kSmallest)) {
      return fail(ErrorKind::kUsage,
                  fmt::format("--log-max-size '{}' does not fit: give 64K or more, as in 10M, or 0 for no limit",
                              typed.log_max_size));
    }
    log.max_bytes = *bytes;
  }
  if (!typed.log_keep.empty()) {
    constexpr std::uint64_t kMost = 1000;
    const auto keep = parse_count(typed.log_keep);
    if (!keep || *keep > kMost) {
      return fail(ErrorKind::kUsage,
                  fmt::format("--log-keep '{}' is no number of files: give 0 to {}", typed.log_keep, kMost));
    }
    log.keep = *keep;
  }
  options.log_file = std::move(log);
  return {};
}

Result<void> take_otlp(const Typed& typed, Options& options) {
  if (typed.otlp.empty()) {
    return {};
  }
  if (typed.otlp != "env" && !typed.otlp.starts_with("http://") && !typed.otlp.starts_with("https://")) {
    return fail(ErrorKind::kUsage,
                fmt::format("--otlp '{}' is no URL: give one as in http://127.0.0.1:4318, or env for what "
                            "OTEL_EXPORTER_OTLP_ENDPOINT says",
                            typed.otlp));
  }
  options.otlp = typed.otlp;
  return {};
}

Result<void> take_filter(const Typed& typed, const Host& host, Options& options) {
  auto filter = convert_filter(typed.filter, host);
  if (!filter) {
    return tl::unexpected(filter.error());
  }
  options.filter = *std::move(filter);
  return {};
}

}  // namespace

Result<Options> convert(const Typed& typed, const Environment& environment, const Host& host) {
  Options options;
  options.show_args = typed.args;
  options.all_repeats = typed.all_repeats;
  options.exit_code = typed.exit_code;
  options.recordings = typed.recordings;
  if (!typed.html_file.empty()) {
    options.html_file = typed.html_file;
  }
  options.bound_by = !typed.no_bound_by;
  options.verbosity = typed.verbosity;
  options.journald = typed.journald;
  options.check_config = typed.check_config;
  if (!typed.metrics_file.empty()) {
    options.metrics_file = typed.metrics_file;
  }
  const std::array taken{take_output(typed, options),      take_color(typed, environment, options),
                         take_attach(typed, options),      take_ring_size(typed, options),
                         take_limits(typed, options),      take_ready_fd(typed, options),
                         take_log_file(typed, options),    take_otlp(typed, options),
                         take_filter(typed, host, options)};
  for (const Result<void>& part : taken) {
    if (!part) {
      return tl::unexpected(part.error());
    }
  }
  return options;
}

}  // namespace bindtrace
