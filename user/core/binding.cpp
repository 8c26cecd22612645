// SPDX-License-Identifier: Apache-2.0
#include "core/binding.h"

#include "core/wire_values.h"
#include "wire.h"

namespace bindtrace {

Result<Binding> decode_binding(std::span<const std::byte> bytes) {
  const auto wire = copy_out<bt_binder>(bytes, "binder");
  if (!wire) {
    return tl::unexpected(wire.error());
  }
  Binding binding;
  binding.inode = wire->inode;
  binding.pid = wire->tgid;
  binding.start_boottime_ns = wire->start_boottime_ns;
  binding.comm = name_from(wire->comm).text;
  binding.port = wire->port;
  if (wire->seeded == 0) {
    binding.bound_boottime_ns = wire->ktime_ns;
  }
  binding.recorded_boottime_ns = wire->ktime_ns;
  return binding;
}

}  // namespace bindtrace
