// SPDX-License-Identifier: Apache-2.0
// Finds what an interpreter runs in its command line.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace bindtrace {

struct Script {
  std::string shown;     // fit to show: a path, "-m module", a class; "-c" for a program given as text
  std::string identity;  // equal for equal programs; holds the text of a -c program: never shown
  bool is_path = false;
};

enum class Language { kNone, kPython, kNode, kJava, kRuby, kPerl, kPhp, kShell };

// By the executable's name: "python3.11" is Python, "dash" a shell.
Language language_of(std::string_view executable_name);

// argv includes argv[0]. Absent: no script there, or the command line was rewritten.
std::optional<Script> find_script(Language language, std::span<const std::string> argv);

}  // namespace bindtrace
