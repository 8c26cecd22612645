// SPDX-License-Identifier: Apache-2.0
#include "app/reporting.h"

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>

#include "report/html.h"
#include "report/recording.h"
#include "report/report.h"
#include "report/text.h"

namespace bindtrace {
namespace {

constexpr const char* kStdin = "-";

Result<void> read_file(const std::string& name, Recording& recording) {
  if (name == kStdin) {
    return add_lines(std::cin, "stdin", recording);
  }
  errno = 0;
  std::ifstream file(name);
  if (!file || file.peek() == std::ifstream::traits_type::eof()) {
    return file.bad() || errno != 0 ? fail_errno(errno, "read " + name) : Result<void>{};
  }
  return add_lines(file, name, recording);
}

Result<void> write_file(const std::string& name, const std::string& text) {
  errno = 0;
  std::ofstream file(name, std::ios::trunc);
  file << text << std::flush;
  return file ? Result<void>{} : fail_errno(errno, "write " + name);
}

}  // namespace

Result<void> report_recordings(const Options& options) {
  Recording recording;
  for (const std::string& name : options.recordings) {
    if (auto read = read_file(name, recording); !read) {
      return read;
    }
  }
  sort_by_time(recording);
  const Report report = report_of(std::move(recording));
  if (options.html_file) {
    return write_file(*options.html_file, render_html(report));
  }
  const std::string text = render_report(report);
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  return written || errno == EPIPE ? Result<void>{} : fail_errno(errno, "write output");
}

}  // namespace bindtrace
