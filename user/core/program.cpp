// SPDX-License-Identifier: Apache-2.0
#include "core/program.h"

#include <utility>

#include "core/interpreter.h"

namespace bindtrace {
namespace {

constexpr std::string_view kDeleted = " (deleted)";

std::string last_component(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

// "./a/../b" stays as it is: only the common leading "./" is dropped. Daemons go to "/" (daemon(3)), so that being
// there tells nothing of where they were started.
std::string completed(std::string_view script, const std::optional<std::string>& cwd) {
  while (script.starts_with("./")) {
    script.remove_prefix(2);
  }
  return (cwd && *cwd != "/" ? *cwd + '/' : "") + std::string(script);
}

void read_script(Program& program, std::span<const std::string> argv, const std::optional<std::string>& cwd) {
  auto script = find_script(language_of(program.name), argv);
  if (!script) {
    return;
  }
  program.script_is_path = script->is_path;
  program.script_is_relative = script->is_path && !script->identity.starts_with('/');
  if (program.script_is_relative) {
    script->identity = completed(script->identity, cwd);
  }
  program.script = std::move(script->shown);
  program.script_identity = std::move(script->identity);
}

// Versions of one interpreter run the same scripts.
bool same_name(const Program& a, const Program& b) {
  const bool same_language = a.interpreter && language_of(a.name) == language_of(b.name);
  const bool same_start = (a.name_cut && b.name.starts_with(a.name)) || (b.name_cut && a.name.starts_with(b.name));
  return a.name == b.name || same_language || same_start;
}

Sameness compare_executables(const Program& a, const Program& b) {
  if (a.file && b.file && *a.file == *b.file) {
    return Sameness::kSame;
  }
  if (a.name.empty() || b.name.empty()) {
    return Sameness::kUnknown;
  }
  if (!same_name(a, b)) {
    return Sameness::kDifferent;
  }
  // One path, two files, and both are there: each in its own mount namespace. After an upgrade one is deleted.
  const bool two_files = a.file && b.file && !a.deleted && !b.deleted;
  const bool one_path = !a.path || !b.path || *a.path == *b.path;
  return one_path && !two_files ? Sameness::kAlike : Sameness::kNamesake;
}

bool is_end_of(std::string_view path, std::string_view end) {
  return !end.starts_with('/') && path.ends_with('/' + std::string(end));
}

Sameness compare_scripts(const Program& a, const Program& b) {
  const std::string& one = a.script_identity;
  const std::string& other = b.script_identity;
  const bool relative = a.script_is_relative || b.script_is_relative;
  if (!a.script || !b.script) {
    return Sameness::kUnknown;
  }
  if (one == other) {
    return relative ? Sameness::kAlike : Sameness::kSame;
  }
  if (!a.script_is_path || !b.script_is_path || last_component(one) != last_component(other)) {
    return Sameness::kDifferent;
  }
  const bool fits = relative && (is_end_of(one, other) || is_end_of(other, one));
  return fits ? Sameness::kAlike : Sameness::kNamesake;
}

}  // namespace

Program program_of(std::optional<std::string> executable_path, const Name& kernel_name, std::optional<FileId> file,
                   std::span<const std::string> argv, const std::optional<std::string>& cwd) {
  Program program;
  if (executable_path) {
    program.deleted = executable_path->ends_with(kDeleted);
    executable_path->resize(executable_path->size() - (program.deleted ? kDeleted.size() : 0));
    program.path = std::move(*executable_path);
    program.name = last_component(*program.path);
  } else {
    program.name = kernel_name.text;
    program.name_cut = kernel_name.cut;
  }
  program.file = file;
  program.interpreter = is_interpreter(program.name);
  if (program.interpreter) {
    read_script(program, argv, cwd);
  }
  return program;
}

bool is_interpreter(std::string_view executable_name) {
  return language_of(executable_name) != Language::kNone;
}

std::optional<std::string> shown_program(const Program& program) {
  return program.interpreter ? program.script : program.path;
}

std::string program_name(const Program& program) {
  if (!program.script) {
    return program.name;
  }
  return program.script_is_path ? last_component(*program.script) : *program.script;
}

Sameness compare(const Program& a, const Program& b) {
  const Sameness executables = compare_executables(a, b);
  if (executables == Sameness::kDifferent || executables == Sameness::kUnknown || !a.interpreter) {
    return executables;
  }
  const Sameness scripts = compare_scripts(a, b);
  return scripts == Sameness::kSame && executables != Sameness::kSame ? Sameness::kAlike : scripts;
}

}  // namespace bindtrace
