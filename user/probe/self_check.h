// SPDX-License-Identifier: Apache-2.0
// Proves at start that a tier delivers: a tier that loads but sees nothing is worse than one that fails.
#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"
#include "probe/ring.h"

namespace bindtrace {

// Makes one TCP and one UDP bind fail on kSelfCheckAddress and expects one failure record of each, with
// this process named as the holder. Every record that it takes from the ring goes to `early`: failures
// of others may be among them. ErrorKind::kSystem: the check itself could not be made (a network
// namespace without loopback); kUnsupported: it was made, and the tier does not deliver.
using EarlyRecords = std::vector<std::vector<std::byte>>;
Result<void> self_check(Ring& ring, EarlyRecords& early);

}  // namespace bindtrace
