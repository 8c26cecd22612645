// SPDX-License-Identifier: Apache-2.0
// Where finished records go.
#pragma once

#include "base/result.h"
#include "core/event.h"

namespace bindtrace {

class Sink {
 public:
  Sink() = default;
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  virtual ~Sink() = default;

  // Whole lines, unless an Error comes back. Error::os_error is EPIPE when the reader has gone (end quietly) and
  // ECANCELED when the wait for the reader was broken off.
  virtual Result<void> write(const Event& event) = 0;
};

}  // namespace bindtrace
