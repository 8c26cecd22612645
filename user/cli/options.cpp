// SPDX-License-Identifier: Apache-2.0
#include "cli/options.h"

namespace bindtrace {

OutputForm output_form(const Options& options, bool to_terminal) {
  const bool for_a_person = to_terminal || options.action == Action::kRun;
  return options.output.value_or(for_a_person ? OutputForm::kText : OutputForm::kLine);
}

bool use_color(const Options& options, bool to_terminal) {
  switch (options.color) {
    case ColorMode::kAlways:
      return true;
    case ColorMode::kNever:
      return false;
    case ColorMode::kAuto:
      break;
  }
  return to_terminal;
}

}  // namespace bindtrace
