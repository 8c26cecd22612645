// SPDX-License-Identifier: Apache-2.0
// The command line as it was typed, and its conversion to Options.
#pragma once

#include <string>
#include <vector>

#include "cli/filter_options.h"
#include "cli/options.h"

namespace bindtrace {

// Text, so that every complaint is ours and names input and remedy; empty: not given.
struct Typed {
  bool json = false;
  bool args = false;
  bool all_repeats = false;
  bool no_bound_by = false;
  bool exit_code = false;
  bool version = false;
  bool journald = false;
  bool check_config = false;
  int verbosity = 0;
  std::string output;
  std::string color;
  std::string attach;
  std::string ring_size;
  std::string duration;
  std::string max_events;
  std::string ready_fd;
  std::string log_file;
  std::string log_max_size;
  std::string log_keep;
  std::string otlp;
  std::string metrics_file;
  std::string config;
  TypedFilter filter;
  std::string target;                   // of who
  std::vector<std::string> recordings;  // of report
  std::string html_file;
};

Result<Options> convert(const Typed& typed, const Environment& environment, const Host& host);

}  // namespace bindtrace
