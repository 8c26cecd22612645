// SPDX-License-Identifier: Apache-2.0
#include "core/evidence.h"

#include <string>

#include <fmt/format.h>

#include "base/clock.h"

namespace bindtrace {

void tell_how_seen(const Facts& facts, const Holder& holder, Diagnosis& diagnosis) {
  const std::string name = label(*holder.process);
  switch (holder.source.value_or(HolderSource::kIterator)) {
    case HolderSource::kKernelAtFailure:
      diagnosis.evidence.push_back(name + " had the socket open while the call failed (seen in the kernel)");
      break;
    case HolderSource::kIterator:
      diagnosis.evidence.push_back(name + " had the socket open shortly after the call failed (seen in the kernel)");
      break;
    case HolderSource::kProcfs:
      diagnosis.evidence.push_back(name + " had the socket open shortly after the call failed (seen in /proc)");
      break;
  }
  if (holder.process->exiting) {
    diagnosis.evidence.push_back(name + " was exiting at that moment");
  }
  if (const auto& stop = holder.stop) {
    const std::string sender =
        stop->sender ? fmt::format("{}[{}]", stop->sender->comm, stop->sender->pid) : "the kernel";
    diagnosis.evidence.push_back(fmt::format("{} got {} from {} {} before the call{}", name, signal_name(stop->signal),
                                             sender, humanised(stop->ms_ago * kNsPerMs),
                                             stop->ignored ? ", and ignores it" : ""));
  }
  if (!facts.blocker_is_sure) {
    diagnosis.evidence.emplace_back("several sockets overlap; which of them refused is not established");
  }
}

}  // namespace bindtrace
