// SPDX-License-Identifier: Apache-2.0
// Renders records to text and writes that to a file descriptor.
#pragma once

#include <functional>
#include <string>

#include "sink/sink.h"

namespace bindtrace {

class FdSink final : public Sink {
 public:
  // Text of one record, lines ended by "\n"; empty: this form does not show it.
  using Render = std::function<std::string(const Event&)>;

  // Neither descriptor is owned. When cancel_fd becomes readable while fd's reader is slow, write()
  // gives up; -1 means never. Keep SIGPIPE ignored.
  FdSink(int fd, Render render, int cancel_fd = -1);

  Result<void> write(const Event& event) override;

  // Writes what an earlier write() had to leave of its record, so that its line becomes whole. write()
  // does so first.
  Result<void> finish();
  // A record is written in part.
  [[nodiscard]] bool unfinished() const { return !rest_.empty(); }

 private:
  int fd_;
  Render render_;
  int cancel_fd_;
  std::string rest_;
};

}  // namespace bindtrace
