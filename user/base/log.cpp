// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <sys/stat.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "base/environment.h"
#include "base/escape.h"

namespace bindtrace {
namespace {

// Messages quote names that any user can choose, so the terminal never sees them raw.
class EscapedPayload final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    const std::string text = escape_terminal({message.payload.data(), message.payload.size()});
    out.append(text.data(), text.data() + text.size());
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<EscapedPayload>();
  }
};

// "<4>": its priority, which journald takes off again (sd-daemon(3)).
class Priority final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    constexpr std::string_view kError = "<3>";
    constexpr std::string_view kWarning = "<4>";
    constexpr std::string_view kInfo = "<6>";
    constexpr std::string_view kDebug = "<7>";
    const std::string_view prefix = message.level >= spdlog::level::err    ? kError
                                    : message.level == spdlog::level::warn ? kWarning
                                    : message.level == spdlog::level::info ? kInfo
                                                                           : kDebug;
    out.append(prefix.data(), prefix.data() + prefix.size());
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<Priority>(); }
};

// systemd.exec(5), JOURNAL_STREAM.
bool stderr_is_the_journal() {
  struct stat status {};
  return ::fstat(STDERR_FILENO, &status) == 0 &&
         environment_variable("JOURNAL_STREAM") == fmt::format("{}:{}", status.st_dev, status.st_ino);
}

spdlog::level::level_enum level_for(int verbosity) {
  if (verbosity <= 0) {
    return spdlog::level::info;
  }
  return verbosity == 1 ? spdlog::level::debug : spdlog::level::trace;
}

}  // namespace

void start_logging(int verbosity) {
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  formatter->add_flag<EscapedPayload>('*').add_flag<Priority>('P').set_pattern(
      stderr_is_the_journal() ? "%P%*" : "bindtrace: %l: %*");
  auto logger = std::make_shared<spdlog::logger>("bindtrace", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_formatter(std::move(formatter));
  logger->set_level(level_for(verbosity));
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace bindtrace
