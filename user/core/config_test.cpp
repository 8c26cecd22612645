// SPDX-License-Identifier: Apache-2.0
#include "core/config_test.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace bindtrace {
namespace {

struct Tester {
  std::string_view program;
  std::string_view tests;        // letters of options that ask for the test
  std::string_view take_values;  // of options whose value is the rest of the word or the next word
};

// ngx_get_options and ngx_open_listening_sockets, which ignores EADDRINUSE in a test.
constexpr std::array kTesters{Tester{"nginx", "tT", "pegcs"}, Tester{"angie", "tT", "pegcs"}};

const Tester* tester_called(std::string_view program_name) {
  const auto found = std::find_if(kTesters.begin(), kTesters.end(),
                                  [&](const Tester& tester) { return tester.program == program_name; });
  return found == kTesters.end() ? nullptr : found;
}

}  // namespace

bool may_test_configuration(std::string_view program_name) {
  return tester_called(program_name) != nullptr;
}

std::optional<std::string> config_test_of(std::string_view program_name, std::span<const std::string> argv) {
  const Tester* tester = tester_called(program_name);
  if (tester == nullptr) {
    return std::nullopt;
  }
  for (std::size_t i = 1; i < argv.size(); ++i) {
    const std::string_view word = argv[i];
    if (!word.starts_with('-')) {
      continue;
    }
    for (std::size_t at = 1; at < word.size(); ++at) {
      if (tester->tests.find(word[at]) != std::string_view::npos) {
        return fmt::format("{} -{}", program_name, word[at]);
      }
      if (tester->take_values.find(word[at]) != std::string_view::npos) {
        i += at + 1 == word.size() ? 1 : 0;
        break;
      }
    }
  }
  return std::nullopt;
}

}  // namespace bindtrace
