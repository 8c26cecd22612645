// SPDX-License-Identifier: Apache-2.0
#include "core/stop.h"

#include <csignal>

#include "core/wire_values.h"
#include "wire.h"

namespace bindtrace {

Result<StopRecord> decode_stop(std::span<const std::byte> bytes) {
  const auto wire = copy_out<bt_stop>(bytes, "stop");
  if (!wire) {
    return tl::unexpected(wire.error());
  }
  StopRecord record;
  record.pid = static_cast<std::uint32_t>(wire->tgid);
  record.start_boottime_ns = wire->start_boottime_ns;
  record.ktime_ns = wire->ktime_ns;
  record.signal = wire->signal;
  record.ignored = wire->ignored != 0;
  if (wire->sender_tgid != 0) {
    record.sender = Sender{wire->sender_tgid, name_from(wire->sender_comm).text};
  }
  return record;
}

std::string signal_name(std::uint32_t signal) {
  switch (signal) {
    case SIGHUP:
      return "SIGHUP";
    case SIGINT:
      return "SIGINT";
    case SIGQUIT:
      return "SIGQUIT";
    case SIGKILL:
      return "SIGKILL";
    case SIGTERM:
      return "SIGTERM";
    default:
      return "signal " + std::to_string(signal);
  }
}

}  // namespace bindtrace
