// SPDX-License-Identifier: Apache-2.0
// Which program a process runs: its executable and, behind an interpreter, the script, jar or class.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/failure.h"

namespace bindtrace {

struct Program {
  std::optional<std::string> path;  // of the executable, without " (deleted)"
  std::string name;                 // last component; from the kernel where there is no path
  bool name_cut = false;            // the kernel side's record was too short for it
  std::optional<FileId> file;       // kernel facts; compare only with another's kernel facts
  bool deleted = false;             // there is no such file under that path any more
  bool interpreter = false;
  std::optional<std::string> script;  // what an interpreter runs, fit to show; absent: unknown
  std::string script_identity;        // what tells two scripts apart; may be secret, never shown
  bool script_is_path = false;        // of a file, not a module, a class or text
  bool script_is_relative = false;    // completed, if at all, by a directory that may have changed since the start
};

// argv is empty where it could not be read. cwd is the present directory, which helps to tell relative scripts apart.
Program program_of(std::optional<std::string> executable_path, const Name& kernel_name, std::optional<FileId> file,
                   std::span<const std::string> argv, const std::optional<std::string>& cwd);

// Whether a program of this name runs programs written in its language.
bool is_interpreter(std::string_view executable_name);

// "server.py" behind an interpreter, else the executable's path; absent: unknown.
std::optional<std::string> shown_program(const Program& program);

// "server.py", "-m module", "nginx": without a directory; empty: unknown.
std::string program_name(const Program& program);

enum class Sameness {
  kSame,
  kAlike,     // nothing tells them apart, and nothing proves that they are the same file
  kNamesake,  // one name, but the files are, or may be, in two directories
  kDifferent,
  kUnknown,  // no name, or an interpreter whose script is not known on a side
};

Sameness compare(const Program& a, const Program& b);

}  // namespace bindtrace
