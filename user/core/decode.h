// SPDX-License-Identifier: Apache-2.0
// Bytes of one ring buffer record (bpf/wire.h) to values. Trusts nothing: any bytes give a Record or
// an Error, whatever their length, alignment and content.
#pragma once

#include <cstddef>
#include <span>
#include <variant>

#include "base/result.h"
#include "core/failure.h"
#include "core/sighting.h"

namespace bindtrace {

// Each carries its Head; a Failure comes without scan and owners, see Assembler.
using Record = std::variant<Failure, Scan, Owner, Sighting>;

// A record longer than its type is accepted (a newer kernel side may append fields), a shorter one is
// ErrorKind::kMalformed (a failure's is as long as its holders are many), as is a count beyond its array or an enum
// value that has no meaning here.
Result<Record> decode(std::span<const std::byte> bytes);

}  // namespace bindtrace
