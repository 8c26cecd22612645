// SPDX-License-Identifier: Apache-2.0
#include "cli/options.h"

namespace bindtrace {

OutputForm output_form(const Options& options, bool stdout_is_terminal) {
  return options.output.value_or(stdout_is_terminal ? OutputForm::kText : OutputForm::kLine);
}

bool use_color(const Options& options, bool stdout_is_terminal) {
  switch (options.color) {
    case ColorMode::kAlways:
      return true;
    case ColorMode::kNever:
      return false;
    case ColorMode::kAuto:
      break;
  }
  return stdout_is_terminal;
}

}  // namespace bindtrace
