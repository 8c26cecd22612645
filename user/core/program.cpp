// SPDX-License-Identifier: Apache-2.0
#include "core/program.h"

#include <utility>

#include "core/interpreter.h"

namespace bindtrace {
namespace {

std::string without_deleted(std::string path) {
  constexpr std::string_view kDeleted = " (deleted)";
  if (path.ends_with(kDeleted)) {
    path.resize(path.size() - kDeleted.size());
  }
  return path;
}

std::string last_component(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

// "./a/../b" stays as it is: only the common leading "./" is dropped.
std::string absolute(std::string_view script, std::string_view cwd) {
  while (script.starts_with("./")) {
    script.remove_prefix(2);
  }
  return std::string(cwd) + (cwd.ends_with('/') ? "" : "/") + std::string(script);
}

void read_script(Program& program, std::span<const std::string> argv, const std::optional<std::string>& cwd) {
  auto script = find_script(language_of(program.name), argv);
  if (!script) {
    return;
  }
  if (script->is_path && !script->identity.starts_with('/') && cwd) {
    script->identity = absolute(script->identity, *cwd);
  }
  program.script = std::move(script->shown);
  program.script_identity = std::move(script->identity);
}

Sameness compare_executables(const Program& a, const Program& b) {
  if (a.file && b.file && *a.file == *b.file) {
    return Sameness::kSame;
  }
  if (a.path && b.path) {
    return *a.path == *b.path ? Sameness::kSame : Sameness::kDifferent;
  }
  if (a.name.empty() || b.name.empty()) {
    return Sameness::kUnknown;
  }
  return a.name == b.name ? Sameness::kSameName : Sameness::kDifferent;
}

}  // namespace

Program program_of(std::optional<std::string> executable_path, const Name& kernel_name,
                   std::optional<ExecutableFile> file, std::span<const std::string> argv,
                   const std::optional<std::string>& cwd) {
  Program program;
  if (executable_path) {
    program.path = without_deleted(std::move(*executable_path));
    program.name = last_component(*program.path);
  } else {
    program.name = kernel_name.text;
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

Sameness compare(const Program& a, const Program& b) {
  const Sameness executables = compare_executables(a, b);
  if (executables == Sameness::kDifferent || executables == Sameness::kUnknown || !a.interpreter) {
    return executables;
  }
  if (!a.script || !b.script) {
    return Sameness::kUnknown;
  }
  return a.script_identity == b.script_identity ? executables : Sameness::kDifferent;
}

}  // namespace bindtrace
