// SPDX-License-Identifier: Apache-2.0
// Which cases are played: all of a small space, and chosen at random out of a large one.
#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <vector>

#include "subject.h"

namespace bindtrace {

// One socket in every way: address, IPV6_V6ONLY, SO_REUSEADDR, SO_REUSEPORT, bound or, with tcp, listening.
std::vector<Subject> all_plain(Transport transport);

// Any subject, with devices, users, options that change later, connections and TIME_WAIT.
Subject any_subject(Transport transport, std::mt19937& random);

}  // namespace bindtrace
