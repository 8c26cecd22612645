// SPDX-License-Identifier: Apache-2.0
// The command line as values.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/endpoint.h"
#include "core/filter.h"

namespace bindtrace {

enum class Action { kTrace, kRun, kWho, kReport, kDoctor, kSchema, kShowHelp, kShowVersion };
enum class OutputForm { kText, kLine, kJson };
enum class ColorMode { kAuto, kAlways, kNever };
enum class AttachChoice { kAuto, kFexit, kKprobe, kTracepoint };

// A file that records are appended to.
struct LogFileOptions {
  std::string path;
  std::uint64_t max_bytes = 10U << 20U;  // then it is renamed to PATH.1, and so on; 0: never
  std::uint64_t keep = 5;                // such older files
};

struct Options {
  Action action = Action::kTrace;
  std::string message;               // for kShowHelp and kShowVersion: what to print, ended by "\n"
  std::optional<OutputForm> output;  // absent: by what stdout is, see output_form()
  ColorMode color = ColorMode::kAuto;
  bool show_args = false;
  bool all_repeats = false;  // each failure by itself
  bool bound_by = true;      // record who binds
  AttachChoice attach = AttachChoice::kAuto;
  std::optional<std::uint32_t> ring_bytes;  // a power of two and a multiple of the page
  std::optional<std::chrono::milliseconds> duration;
  std::optional<std::uint64_t> max_events;
  std::optional<int> ready_fd;
  bool exit_code = false;  // conflicts are a reason to fail
  int verbosity = 0;
  std::optional<LogFileOptions> log_file;
  bool journald = false;
  std::optional<std::string> otlp;  // http or https, or "env": the endpoint that OTEL_EXPORTER_OTLP_* name
  std::optional<std::string> metrics_file;
  bool check_config = false;  // then end
  Filter filter;
  std::optional<Endpoint> target;       // of kWho; address absent: any
  std::vector<std::string> command;     // of kRun, with its arguments
  std::vector<std::string> recordings;  // of kReport: files, "-" is stdin
  std::optional<std::string> html_file;
};

// The value of an environment variable, if it is set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// What is asked of the host: what words of a filter stand for, and the text of the configuration file.
struct Host {
  std::function<std::optional<std::uint32_t>(const std::string& user)> uid_of;
  std::function<Result<std::uint32_t>(const std::string& path)> netns_at;  // its inode number
  std::function<Result<std::string>(const std::string& path)> read_config = nullptr;
};

// Pure: no exit, no printing. An Error is ErrorKind::kUsage, one line that names input and remedy.
// An option comes from argv, else from the environment (BINDTRACE_LOG_FILE for --log-file), else from the file that
// --config names; each option as a whole: lists are not joined.
Result<Options> parse(int argc, const char* const* argv, const Environment& environment, const Host& host);

// What was asked for, else text for a person: on a terminal, or when a command has ended; and a line per event
// elsewhere.
OutputForm output_form(const Options& options, bool to_terminal);
bool use_color(const Options& options, bool to_terminal);

}  // namespace bindtrace
