// SPDX-License-Identifier: Apache-2.0
// Which options and commands there are.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/options.h"
#include "cli/typed.h"

namespace bindtrace {

// Of the options, those that a command takes; trace takes all.
struct Command {
  const char* name;
  Action action;
  std::vector<std::string_view> options;

  [[nodiscard]] bool takes(const CLI::Option& option) const;
};
const std::array<Command, 5>& commands_with_few_options();

inline constexpr const char* kRun = "run";

// `typed` must outlive `app`.
void define(CLI::App& app, Typed& typed);

// "--port" for "--prot"; empty where nothing is near enough to be a typing error.
std::string nearest_option(const CLI::App& app, std::string_view typed);

}  // namespace bindtrace
