// SPDX-License-Identifier: Apache-2.0
#include "probe/libbpf_log.h"

#include <bpf/libbpf.h>
#include <spdlog/spdlog.h>

#include <cstdarg>
#include <cstdio>
#include <string_view>

namespace bindtrace {
namespace {

int log_line(libbpf_print_level level, const char* format, va_list arguments) {
  const auto our_level = level == LIBBPF_DEBUG ? spdlog::level::trace : spdlog::level::debug;
  if (!spdlog::should_log(our_level)) {
    return 0;
  }
  char text[4096];
  const int length = std::vsnprintf(text, sizeof text, format, arguments);
  std::string_view line = text;
  while (!line.empty() && line.back() == '\n') {
    line.remove_suffix(1);
  }
  spdlog::log(our_level, "{}", line);
  return length;
}

}  // namespace

void log_libbpf() {
  libbpf_set_print(log_line);
}

}  // namespace bindtrace
