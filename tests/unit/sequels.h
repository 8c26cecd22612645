// SPDX-License-Identifier: Apache-2.0
// What tests of the follow-up start from.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/sequel.h"
#include "core/sighting.h"
#include "incidents.h"

namespace bindtrace {

// tcp 0.0.0.0:80 in the namespace of bare_incident(), `after` its failure; by a task that started a second before that.
Sighting sighting(SightingKind kind, std::uint64_t after_ns, std::uint32_t pid, std::string_view comm);

// A walk that finds those sockets, `after` the failure.
Failure answer(const std::vector<HolderSocket>& sockets, std::uint64_t after_ns);

// Of nginx_restart(), 1.9 s after it: nginx[811] exited, nginx[1234] bound it on attempt 5.
Released released();
Bound bound();

}  // namespace bindtrace
