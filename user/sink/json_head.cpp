// SPDX-License-Identifier: Apache-2.0
#include "sink/json_head.h"

#include <fmt/format.h>

#include "base/clock.h"
#include "base/escape.h"

namespace bindtrace {
namespace {

constexpr std::string_view kSchemaVersion = "1.0";

// FNV-1a, 64 bits: an id must be the same wherever the same record is made again.
class Fingerprint {
 public:
  void add(std::string_view bytes) {
    for (const char byte : bytes) {
      hash_ = (hash_ ^ static_cast<unsigned char>(byte)) * kPrime;
    }
  }
  void add(std::uint64_t number) { add(fmt::format("/{}", number)); }
  [[nodiscard]] std::string text() const { return fmt::format("{:016x}", hash_); }

 private:
  static constexpr std::uint64_t kPrime = 0x100000001b3;
  static constexpr std::uint64_t kBasis = 0xcbf29ce484222325;
  std::uint64_t hash_ = kBasis;
};

}  // namespace

std::string event_id(std::string_view name, const HostFacts* host, std::uint64_t when, std::uint64_t who) {
  Fingerprint fingerprint;
  fingerprint.add(name);
  fingerprint.add(host != nullptr ? host->boot_id.value_or("") : "");
  fingerprint.add(when);
  fingerprint.add(who);
  return fingerprint.text();
}

Json head_json(const RecordHead& head, const std::string& message) {
  Json record;
  record["schema_version"] = kSchemaVersion;
  record["event"]["name"] = head.name;
  record["event"]["id"] = head.id;
  record["timestamp"] = rfc3339_utc(head.unix_ns);
  record["observed_timestamp"] = rfc3339_utc(head.observed_unix_ns);
  record["severity"] = head.severity;
  record["message"] = json_text(message);
  return record;
}

std::string json_line(const Json& record) {
  return escape_json_text(record.dump(-1, ' ', false, Json::error_handler_t::replace)) + '\n';
}

}  // namespace bindtrace
