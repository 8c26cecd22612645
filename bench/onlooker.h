// SPDX-License-Identifier: Apache-2.0
// Another tracer of binds that runs while this object lives.
#pragma once

#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "child.h"

namespace bindtrace::bench {

class Onlooker {
 public:
  // Returns when it has told of binds of ours: no other sign of being attached is common to all tracers. Throws
  // std::runtime_error if it ends before.
  explicit Onlooker(const std::vector<std::string>& command);

 private:
  UniqueFd output_;
  Child child_;
};

}  // namespace bindtrace::bench
