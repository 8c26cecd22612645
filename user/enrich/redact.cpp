// SPDX-License-Identifier: Apache-2.0
#include "enrich/redact.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <string_view>

namespace bindtrace {
namespace {

constexpr std::size_t kMaxCommandLine = 512;
constexpr std::string_view kHidden = "***";
constexpr std::string_view kCut = "...";

bool is_sensitive(std::string_view name) {
  constexpr std::array<std::string_view, 9> kWords{"pass",       "pwd",  "token",  "secret", "key",
                                                   "credential", "auth", "bearer", "cookie"};
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

bool is_name_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
}

// The name that ends just before `end`.
std::string_view name_before(std::string_view text, std::size_t end) {
  std::size_t start = end;
  while (start > 0 && is_name_char(text[start - 1])) {
    --start;
  }
  return text.substr(start, end - start);
}

// Up to what separates the value from the next pair: "password=x host=y", "?token=x&page=2". A header, and the value of
// an option ("--password=a&b c"), are one value.
std::size_t value_end(std::string_view text, std::size_t start, bool is_whole) {
  const std::size_t end = is_whole ? std::string_view::npos : text.find_first_of(" &;,\t\n", start);
  return end == std::string_view::npos ? text.size() : end;
}

std::string hide_values(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    out += text[i];
    // ":" counts as in "Authorization: Bearer x"; not as in "key://host".
    const bool is_header = text[i] == ':' && text.substr(i + 1, 2) != "//";
    if ((text[i] == '=' || is_header) && i + 1 < text.size() && is_sensitive(name_before(text, i))) {
      const bool is_option = text.starts_with('-') && text.find('=') == i;
      const std::size_t end = value_end(text, i + 1, is_header || is_option);
      out += kHidden;
      i = end - 1;
    }
  }
  return out;
}

// "scheme://user:password@host": everything up to the last "@" before the path.
std::string hide_userinfo(std::string text) {
  constexpr std::string_view kMark = "://";
  for (std::size_t mark = text.find(kMark); mark != std::string::npos; mark = text.find(kMark, mark + 1)) {
    const std::size_t start = mark + kMark.size();
    const std::size_t path = text.find_first_of("/?# ", start);
    const std::size_t at = text.substr(start, path - start).rfind('@');
    if (at != std::string::npos) {
      text.replace(start, at, kHidden);
    }
  }
  return text;
}

// "--password", "-token" and "-p": the next argument is its value. A "-p" that means a port is hidden too.
bool asks_for_secret(std::string_view argument) {
  return argument == "-p" ||
         (argument.starts_with('-') && argument.find('=') == std::string_view::npos && is_sensitive(argument));
}

// "-u user:password" of curl and others.
bool asks_for_user(std::string_view argument) {
  return argument == "-u" || argument == "-U" || argument == "--user" || argument == "--proxy-user";
}

// Those whose "-p" is a password whatever follows it.
bool takes_password_by_p(std::string_view program) {
  const std::string_view name = program.substr(program.rfind('/') + 1);
  return name.starts_with("mysql") || name.starts_with("mariadb") || name == "sshpass";
}

// "-ps3cret", "-uuser:password", "--user=user:password": how much of it is the option; 0: it is none of these. All
// small letters is the name of an option, as "-port", but for the programs above.
std::size_t option_with_secret(std::string_view argument, bool any_p) {
  for (const std::string_view option : {"-u", "-U", "--user=", "--proxy-user="}) {
    if (argument.starts_with(option) && argument.find(':') != std::string_view::npos) {
      return option.size();
    }
  }
  constexpr std::string_view kName = "abcdefghijklmnopqrstuvwxyz-";
  const std::string_view name = argument.substr(0, argument.find('='));
  const bool is_p = argument.starts_with("-p") && argument.size() > 2;
  return is_p && (any_p || name.find_first_not_of(kName) != std::string_view::npos) ? 2 : 0;
}

}  // namespace

std::string redacted_command_line(std::span<const std::string> argv) {
  const bool any_p = !argv.empty() && takes_password_by_p(argv.front());
  std::string line;
  bool next_is_secret = false;
  bool next_is_user = false;
  for (const std::string& argument : argv) {
    if (line.size() > kMaxCommandLine) {
      break;
    }
    if (!line.empty()) {
      line += ' ';
    }
    const bool is_user_with_password = next_is_user && argument.find(':') != std::string::npos;
    if ((next_is_secret && !argument.starts_with("--")) || is_user_with_password) {
      line += kHidden;
      next_is_secret = false;
      next_is_user = false;
      continue;
    }
    const std::size_t shown = option_with_secret(argument, any_p);
    next_is_secret = shown == 0 && asks_for_secret(argument);
    next_is_user = asks_for_user(argument);
    if (shown > 0) {
      line.append(argument, 0, shown).append(kHidden);
    } else {
      line += hide_values(hide_userinfo(argument));
    }
  }
  if (line.size() > kMaxCommandLine) {
    line.resize(kMaxCommandLine - kCut.size());
    line += kCut;
  }
  return line;
}

}  // namespace bindtrace
