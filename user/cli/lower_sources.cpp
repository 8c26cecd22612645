// SPDX-License-Identifier: Apache-2.0
#include "cli/lower_sources.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "cli/config_file.h"

namespace bindtrace {
namespace {

// What only the command line can say.
constexpr std::array<std::string_view, 4> kOfTheCommandLine{"help", "version", "config", "check-config"};

// --log-file: BINDTRACE_LOG_FILE
std::string variable_of(const CLI::Option& option) {
  std::string name = "BINDTRACE_";
  for (const char letter : option.get_lnames().front()) {
    name += letter == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  }
  return name;
}

bool is_flag(const CLI::Option& option) {
  return option.get_expected_max() == 0;
}

Result<void> give(CLI::Option& option, const std::vector<std::string>& values) {
  if (is_flag(option) && (values.size() != 1 || (values.front() != "true" && values.front() != "false"))) {
    return fail(ErrorKind::kUsage, "it is true or false");
  }
  if (option.get_expected_max() == 1 && values.size() != 1) {
    return fail(ErrorKind::kUsage, "it takes one value");
  }
  for (const std::string& value : values) {
    option.add_result(value);
  }
  option.run_callback();
  return {};
}

// Two forms at once exclude each other; of two sources the higher one has said it.
bool is_said(const CLI::App& app, const CLI::Option& option) {
  const bool is_form = option.get_name() == "--json" || option.get_name() == "--output";
  return option.count() > 0 ||
         (is_form && (app.get_option("--json")->count() > 0 || app.get_option("--output")->count() > 0));
}

Result<void> take_environment(CLI::App& app, const Command* command, const Environment& environment) {
  for (CLI::Option* option : app.get_options()) {
    const bool takes = command == nullptr || command->takes(*option);
    if (option->get_lnames().empty() || option->get_name() == "--help" || !takes || is_said(app, *option)) {
      continue;
    }
    const std::string variable = variable_of(*option);
    const auto value = environment(variable);
    if (!value || value->empty()) {
      continue;
    }
    if (const auto given = give(*option, {*value}); !given) {
      return fail(ErrorKind::kUsage, fmt::format("{} is '{}': {}", variable, *value, given.error().message));
    }
  }
  return {};
}

// What is wrong with it; the caller says where it is.
Result<void> take_setting(CLI::App& app, const Setting& setting, const std::vector<std::string>& said) {
  const std::string name = "--" + setting.name;
  const bool of_the_command_line =
      std::find(kOfTheCommandLine.begin(), kOfTheCommandLine.end(), setting.name) != kOfTheCommandLine.end();
  CLI::Option* option = of_the_command_line ? nullptr : app.get_option_no_throw(name);
  if (option == nullptr && of_the_command_line) {
    return fail(ErrorKind::kUsage, fmt::format("'{}' is for the command line only", setting.name));
  }
  if (option == nullptr) {
    const std::string near = nearest_option(app, name);
    return fail(ErrorKind::kUsage,
                near.empty() ? fmt::format("there is no setting '{}': see bindtrace --help, whose "
                                           "long options are settings",
                                           setting.name)
                             : fmt::format("there is no setting '{}': did you mean {}?", setting.name, near.substr(2)));
  }
  if (std::find(said.begin(), said.end(), option->get_name()) != said.end()) {
    return {};
  }
  if (const auto given = give(*option, setting.values); !given) {
    return fail(ErrorKind::kUsage, fmt::format("'{}': {}", setting.name, given.error().message));
  }
  return {};
}

Result<void> take_file(CLI::App& app, const std::string& path, const Host& host) {
  const auto text = host.read_config(path);
  if (!text) {
    return tl::unexpected(text.error());
  }
  const auto settings = parse_config(*text, path);
  if (!settings) {
    return tl::unexpected(settings.error());
  }
  std::vector<std::string> said;
  for (const CLI::Option* option : app.get_options()) {
    if (is_said(app, *option)) {
      said.push_back(option->get_name());
    }
  }
  for (const Setting& setting : *settings) {
    if (const auto taken = take_setting(app, setting, said); !taken) {
      return fail(ErrorKind::kUsage, fmt::format("{}:{}: {}", path, setting.line, taken.error().message));
    }
  }
  return {};
}

}  // namespace

Result<void> take_lower_sources(CLI::App& app, const Command* command, Typed& typed, const Environment& environment,
                                const Host& host) {
  if (auto taken = take_environment(app, command, environment); !taken) {
    return taken;
  }
  if (typed.check_config && typed.config.empty()) {
    typed.config = kConfigFile;
  }
  return typed.config.empty() ? Result<void>{} : take_file(app, typed.config, host);
}

}  // namespace bindtrace
