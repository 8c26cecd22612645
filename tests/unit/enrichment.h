// SPDX-License-Identifier: Apache-2.0
// A failure and all that an Enricher looks at, made up: the kernel side, /proc, /etc and the clocks.
#pragma once

#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "core/failure.h"
#include "core/incident.h"
#include "enrich/enricher.h"
#include "holdings.h"
#include "incidents.h"
#include "proc_tree.h"

namespace bindtrace {

inline constexpr std::uint64_t kTickNs = 10'000'000;
inline constexpr std::uint64_t kInode = 9001;  // of the listener

// An nginx of nginx.service, as the kernel tells of it.
Task task(std::uint32_t pid, std::uint64_t start_ticks = 100);

// Has the listener.
Owner owner(Task task, std::vector<std::uint32_t> fds);

// nginx[1234] wants the port of a listener that a complete scan found nobody for.
class EnricherTest : public testing::Test {
 protected:
  EnricherTest();

  Enricher::Options options();
  Incident enrich(bool show_args = false);

  Holdings holdings_;
  ProcTree tree_;
  Failure failure_;
  Instant now_{kFailureTime + 412'000, kFailureUnixNs};
};

}  // namespace bindtrace
