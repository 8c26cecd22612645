// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

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

spdlog::level::level_enum level_for(int verbosity) {
  if (verbosity <= 0) {
    return spdlog::level::info;
  }
  return verbosity == 1 ? spdlog::level::debug : spdlog::level::trace;
}

}  // namespace

void start_logging(int verbosity) {
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  formatter->add_flag<EscapedPayload>('*').set_pattern("bindtrace: %l: %*");
  auto logger = std::make_shared<spdlog::logger>("bindtrace", std::make_shared<spdlog::sinks::stderr_sink_st>());
  logger->set_formatter(std::move(formatter));
  logger->set_level(level_for(verbosity));
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace bindtrace
