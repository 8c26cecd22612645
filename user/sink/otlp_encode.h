// SPDX-License-Identifier: Apache-2.0
// Records as the protobuf messages of OTLP 1.x (opentelemetry/proto/collector/logs/v1/logs_service.proto), and the
// server's answer from them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sink/flat.h"
#include "sink/json_fields.h"
#include "sink/pairs.h"

namespace bindtrace {

// A LogRecord of what record_of() makes.
std::string encode_log_record(const Json& record);

// The Resource that all records of this machine share; `more` adds to it or replaces what is there. service.name is
// "bindtrace" unless it says otherwise.
std::string encode_resource(const Json& record, const NamedTexts& more);

// An ExportLogsServiceRequest of what the two above made.
std::string encode_request(const std::string& resource, std::string_view version,
                           const std::vector<std::string>& records);

// An ExportLogsServiceResponse.
struct OtlpReply {
  std::uint64_t rejected = 0;  // records
  std::string message;
};
// Absent: it is none. No bytes are one that rejects nothing.
std::optional<OtlpReply> decode_reply(std::string_view bytes);

}  // namespace bindtrace
