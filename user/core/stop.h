// SPDX-License-Identifier: Apache-2.0
// The signal by which a process was told to stop.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace bindtrace {

// Who sent a signal, at that time.
struct Sender {
  std::uint32_t pid = 0;
  std::string comm;
};

struct StopSignal {
  std::uint32_t signal = 0;      // signal(7)
  std::int64_t ms_ago = 0;       // before the failure; of several equal ones in a row the first
  bool ignored = false;          // by the process
  std::optional<Sender> sender;  // absent: the kernel, as on Ctrl-C
};

// The kernel side's record of one.
struct StopRecord {
  std::uint32_t pid = 0;
  std::uint64_t start_boottime_ns = 0;
  std::uint64_t ktime_ns = 0;
  std::uint32_t signal = 0;
  bool ignored = false;
  std::optional<Sender> sender;
};

// A bt_stop of bpf/wire.h; a longer value is accepted, a shorter one is ErrorKind::kMalformed.
Result<StopRecord> decode_stop(std::span<const std::byte> bytes);

// The record of a process, by its pid. Empty: no signal to stop was seen. Absent: that is not known.
using FindStop = std::function<std::optional<std::vector<std::byte>>(std::uint32_t pid)>;

// "SIGTERM"
std::string signal_name(std::uint32_t signal);

}  // namespace bindtrace
