// SPDX-License-Identifier: Apache-2.0
// From argv to Options, and what is said about options that there are not.
#include <algorithm>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "base/version.h"
#include "cli/definitions.h"
#include "cli/lower_sources.h"
#include "cli/options.h"
#include "cli/target.h"
#include "cli/typed.h"

namespace bindtrace {
namespace {

constexpr std::string_view kCommandFollows = "--";

tl::unexpected<Error> unknown_argument(const CLI::App& app, const std::string& typed) {
  const auto commands = app.get_subcommands();  // those given
  if (!typed.starts_with('-') && app.got_subcommand(kRun)) {
    return fail(ErrorKind::kUsage, fmt::format("the command to run follows --, as in bindtrace run -- {}", typed));
  }
  if (!typed.starts_with('-') && !commands.empty()) {
    return fail(ErrorKind::kUsage, fmt::format("the command '{}' takes no argument, but has '{}': see --help",
                                               commands.front()->get_name(), typed));
  }
  if (!typed.starts_with('-')) {
    return fail(
        ErrorKind::kUsage,
        fmt::format("there is no command '{}': there are trace, run, who, report, doctor and schema, see --help",
                    typed));
  }
  const std::string near = nearest_option(app, std::string_view(typed).substr(0, typed.find('=')));
  return fail(ErrorKind::kUsage, near.empty() ? fmt::format("there is no option '{}': see --help", typed)
                                              : fmt::format("there is no option '{}': did you mean {}?", typed, near));
}

// An option that would be without effect is refused rather than ignored.
Result<void> check_options_of(const Command& command, const CLI::App& app) {
  for (const CLI::Option* option : app.get_options()) {
    const std::string name = option->get_name();
    const bool takes = command.takes(*option);
    if (!takes && option->count() > 0 && command.options.empty()) {
      return fail(ErrorKind::kUsage, fmt::format("the command '{}' takes no option, but has {}", command.name, name));
    }
    if (!takes && option->count() > 0) {
      return fail(ErrorKind::kUsage, fmt::format("the command '{}' does not take {}: it takes {}", command.name, name,
                                                 fmt::join(command.options, ", ")));
    }
  }
  return {};
}

// Null: trace.
const Command* command_given(const CLI::App& app) {
  for (const Command& command : commands_with_few_options()) {
    if (app.got_subcommand(command.name)) {
      return &command;
    }
  }
  return nullptr;
}

Result<void> take_target(const std::string& typed, Options& options) {
  auto target = parse_target(typed);
  if (!target) {
    return tl::unexpected(target.error());
  }
  options.target = *std::move(target);
  if (options.filter.netns.size() > 1) {
    return fail(ErrorKind::kUsage, "--netns is given more than once: who asks in one network namespace");
  }
  return {};
}

// What follows "--" is not ours to read.
std::vector<std::string> take_command(int& argc, const char* const* argv) {
  const std::span<const char* const> all(argv, static_cast<std::size_t>(argc));
  const auto follows = std::find(all.begin(), all.end(), kCommandFollows);
  argc = static_cast<int>(follows - all.begin());
  return follows == all.end() ? std::vector<std::string>{} : std::vector<std::string>(follows + 1, all.end());
}

Result<void> give_command(std::vector<std::string> typed, Options& options) {
  if (options.action != Action::kRun && !typed.empty()) {
    return fail(ErrorKind::kUsage, fmt::format("only run takes a command: bindtrace run -- {}", fmt::join(typed, " ")));
  }
  if (options.action == Action::kRun && typed.empty()) {
    return fail(ErrorKind::kUsage, "there is nothing to run: give the command behind --, as in bindtrace run -- nginx");
  }
  options.command = std::move(typed);
  return {};
}

// CLI11 has more than a line for some of its errors; the first says it.
std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

Options show(Action action, std::string message) {
  Options options;
  options.action = action;
  options.message = std::move(message);
  return options;
}

}  // namespace

Result<Options> parse(int argc, const char* const* argv, const Environment& environment, const Host& host) {
  std::vector<std::string> behind = take_command(argc, argv);
  CLI::App app;
  Typed typed;
  define(app, typed);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return show(Action::kShowHelp, app.help());
  } catch (const CLI::ExtrasError&) {
    const auto left = app.remaining(true);
    return unknown_argument(app, left.empty() ? "" : left.front());
  } catch (const CLI::ParseError& error) {
    return fail(ErrorKind::kUsage, first_line(error.what()) + ": see --help");
  }
  if (typed.version) {
    return show(Action::kShowVersion, fmt::format("bindtrace {}\n", version()));
  }
  const Command* command = command_given(app);
  if (const auto fits = command != nullptr ? check_options_of(*command, app) : Result<void>{}; !fits) {
    return tl::unexpected(fits.error());
  }
  if (const auto taken = take_lower_sources(app, command, typed, environment, host); !taken) {
    return tl::unexpected(taken.error());
  }
  auto options = convert(typed, environment, host);
  if (options && command != nullptr) {
    options->action = command->action;
    if (const auto taken = command->action == Action::kWho ? take_target(typed.target, *options) : Result<void>{};
        !taken) {
      return tl::unexpected(taken.error());
    }
  }
  if (const auto given = options ? give_command(std::move(behind), *options) : Result<void>{}; !given) {
    return tl::unexpected(given.error());
  }
  return options;
}

}  // namespace bindtrace
