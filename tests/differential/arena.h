// SPDX-License-Identifier: Apache-2.0
// Where a case is played: a network namespace of this thread, with fresh ports; and what the kernel and the model say
// there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "core/failure.h"
#include "probe/port_walk.h"
#include "subject.h"

namespace bindtrace {

// How often the model and the kernel were asked, and what came of it.
struct Tally {
  std::size_t asked = 0;
  std::size_t refused = 0;   // by the kernel
  std::size_t not_told = 0;  // the model knew no answer
  std::vector<std::string> disagreements;
};

class Arena {
 public:
  // Throws std::runtime_error, as do the others.
  explicit Arena(PortWalk& kernel);

  // Binds the subjects one after the other on a port of their own, and listens where they are to; before each bind and
  // listen the model is asked what the kernel will say.
  void play(const std::vector<Subject>& subjects, Tally& tally);

 private:
  void enter_new_namespace();
  std::uint16_t next_port();
  Failure look(const Request& request);
  bool agree(const Request& request, int error, const Failure& seen, const std::vector<Subject>& subjects,
             Tally& tally);

  PortWalk& kernel_;
  UniqueFd namespace_;
  std::uint32_t netns_ = 0;
  std::uint16_t port_ = 0;
};

}  // namespace bindtrace
