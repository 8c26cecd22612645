// SPDX-License-Identifier: Apache-2.0
#include "core/interpreter.h"

#include <algorithm>
#include <array>
#include <vector>

namespace bindtrace {
namespace {

using Arguments = std::span<const std::string>;
using Names = std::vector<std::string_view>;

// How a language's command line is read up to its script.
struct Grammar {
  std::string_view letters_with_value;  // short options that take the rest, or the next argument
  std::string_view code_letters;        // of these: the value is the program's text
  std::string_view module_letters;      // of these: the value names what runs
  Names long_with_value;                // options that take the next argument
  Names long_code;
  Names long_module;
  bool clusters = true;  // -Im is -I -m; else an option is one word
};

const Grammar& grammar_of(Language language) {
  static const Grammar nothing{};
  static const Grammar python{"WXcmQ", "c", "m", {"--check-hash-based-pycs"}, {}, {}, true};
  static const Grammar node{"",
                            "",
                            "",
                            {"-r", "--require", "--import", "--loader", "--experimental-loader", "-C", "--conditions",
                             "--env-file", "--title", "--icu-data-dir"},
                            {"-e", "--eval", "-p", "--print", "-pe"},
                            {},
                            false};
  static const Grammar java{"",
                            "",
                            "",
                            {"-cp", "-classpath", "--class-path", "-p", "--module-path", "--upgrade-module-path",
                             "--add-modules", "--add-exports", "--add-opens", "--add-reads", "--limit-modules",
                             "--patch-module", "--enable-native-access", "--source"},
                            {},
                            {"-jar", "-m", "--module"},
                            false};
  static const Grammar ruby{"CEIerxFT", "e", "",  {"--encoding", "--external-encoding", "--internal-encoding"},
                            {},         {},  true};
  static const Grammar perl{"IeEMmC0xFiDl", "eE", "", {}, {}, {}, true};
  static const Grammar php{"cdfrBREFSztg", "rBRE", "fFS", {}, {}, {}, true};
  static const Grammar shell{"cOo", "c", "", {"--rcfile", "--init-file"}, {}, {}, true};
  switch (language) {
    case Language::kPython:
      return python;
    case Language::kNode:
      return node;
    case Language::kJava:
      return java;
    case Language::kRuby:
      return ruby;
    case Language::kPerl:
      return perl;
    case Language::kPhp:
      return php;
    case Language::kShell:
      return shell;
    case Language::kNone:
      break;
  }
  return nothing;
}

bool is_in(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_in(std::string_view letters, char letter) {
  return letters.find(letter) != std::string_view::npos;
}

Script text_program(std::string_view option, std::string_view text) {
  return {std::string(option), std::string(option) + ' ' + std::string(text), false};
}

Script named_program(std::string_view option, std::string_view name, bool is_path) {
  std::string shown = is_path ? std::string(name) : std::string(option) + ' ' + std::string(name);
  return {shown, shown, is_path};
}

// One option: a script found in it, or how many arguments it took.
struct Taken {
  std::optional<Script> script;
  std::size_t arguments = 1;
};

Taken take_word(const Grammar& grammar, Language language, Arguments rest) {
  const std::string& option = rest[0];
  const bool has_next = rest.size() > 1;
  if (is_in(grammar.long_code, option)) {
    return {has_next ? std::optional(text_program(option, rest[1])) : std::nullopt, rest.size()};
  }
  if (is_in(grammar.long_module, option)) {
    return {has_next ? std::optional(named_program(option, rest[1], option == "-jar")) : std::nullopt, rest.size()};
  }
  if (language == Language::kJava && option.starts_with("--module=")) {
    return {named_program("--module", std::string_view(option).substr(9), false)};
  }
  return {std::nullopt, is_in(grammar.long_with_value, option) ? std::size_t{2} : std::size_t{1}};
}

// Perl's -0, -C, -i, -l, -x, -D, -F, -M, -m take their value attached or not at all; so does Ruby's -x, -F, -T.
bool value_is_only_attached(Language language, char letter) {
  return (language == Language::kPerl && is_in("0CilxDFMm", letter)) ||
         (language == Language::kRuby && is_in("xFT", letter));
}

Taken take_cluster(const Grammar& grammar, Language language, Arguments rest) {
  const std::string_view option = rest[0];
  for (std::size_t i = 1; i < option.size(); ++i) {
    const char letter = option[i];
    if (!is_in(grammar.letters_with_value, letter)) {
      continue;
    }
    const std::string_view attached = option.substr(i + 1);
    if (value_is_only_attached(language, letter)) {
      return {};
    }
    // A shell's -c may be followed by more letters; its text is the next argument.
    const bool next = attached.empty() || language == Language::kShell;
    if (next && rest.size() < 2) {
      return {std::nullopt, rest.size()};
    }
    const std::string_view value = next ? std::string_view(rest[1]) : attached;
    const std::string name{'-', letter};
    if (is_in(grammar.code_letters, letter)) {
      return {text_program(name, value), rest.size()};
    }
    if (is_in(grammar.module_letters, letter)) {
      return {named_program(name, value, name == "-f"), rest.size()};
    }
    return {std::nullopt, next ? std::size_t{2} : std::size_t{1}};
  }
  return {};
}

Script positional(Language language, const std::string& argument) {
  const bool is_path = language != Language::kJava || argument.ends_with(".java");
  return {argument, argument, is_path};
}

struct NamedLanguage {
  std::string_view name;
  Language language;
};

constexpr std::array kLanguages{
    NamedLanguage{"python", Language::kPython}, NamedLanguage{"pypy", Language::kPython},
    NamedLanguage{"nodejs", Language::kNode},   NamedLanguage{"node", Language::kNode},
    NamedLanguage{"java", Language::kJava},     NamedLanguage{"jruby", Language::kRuby},
    NamedLanguage{"ruby", Language::kRuby},     NamedLanguage{"perl", Language::kPerl},
    NamedLanguage{"php", Language::kPhp},       NamedLanguage{"php-cgi", Language::kPhp},
    NamedLanguage{"sh", Language::kShell},      NamedLanguage{"bash", Language::kShell},
    NamedLanguage{"dash", Language::kShell},    NamedLanguage{"ash", Language::kShell},
    NamedLanguage{"zsh", Language::kShell},     NamedLanguage{"ksh", Language::kShell},
};

// "python" for "python3.11".
std::string_view without_version(std::string_view name) {
  const std::size_t last = name.find_last_not_of("0123456789.-");
  return last == std::string_view::npos ? name : name.substr(0, last + 1);
}

}  // namespace

Language language_of(std::string_view executable_name) {
  const std::string_view name = without_version(executable_name);
  const auto* const found =
      std::find_if(kLanguages.begin(), kLanguages.end(), [&](const NamedLanguage& row) { return row.name == name; });
  return found == kLanguages.end() ? Language::kNone : found->language;
}

std::optional<Script> find_script(Language language, Arguments argv) {
  const Grammar& grammar = grammar_of(language);
  for (std::size_t i = 1; language != Language::kNone && i < argv.size();) {
    const std::string& argument = argv[i];
    if (argument.empty() || argument == "-" || (language == Language::kShell && argument == "-s")) {
      return std::nullopt;  // from standard input
    }
    if (argument == "--") {
      return i + 1 < argv.size() ? std::optional(positional(language, argv[i + 1])) : std::nullopt;
    }
    if (language == Language::kJava && argument[0] == '@') {
      return std::nullopt;  // options in a file: anything may stand there
    }
    const bool option = argument[0] == '-' || (language == Language::kShell && argument[0] == '+');
    if (!option) {
      return positional(language, argument);
    }
    const bool word = !grammar.clusters || argument.starts_with("--");
    const Taken taken =
        word ? take_word(grammar, language, argv.subspan(i)) : take_cluster(grammar, language, argv.subspan(i));
    if (taken.script) {
      return taken.script;
    }
    i += taken.arguments;
  }
  return std::nullopt;
}

}  // namespace bindtrace
