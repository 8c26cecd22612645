// SPDX-License-Identifier: Apache-2.0
#include "sink/otlp_encode.h"

#include <algorithm>

#include <protozero/pbf_builder.hpp>
#include <protozero/pbf_message.hpp>

#include "base/clock.h"

namespace bindtrace {
namespace {

constexpr const char* kSchema = "https://opentelemetry.io/schemas/1.44.0";  // of the attributes' names
constexpr std::string_view kBindtrace = "bindtrace";

// The field numbers of the messages, by their names there.
enum class AnyValue : protozero::pbf_tag_type { kString = 1, kBool = 2, kInt = 3, kDouble = 4, kArray = 5 };
enum class ArrayValue : protozero::pbf_tag_type { kValues = 1 };
enum class KeyValue : protozero::pbf_tag_type { kKey = 1, kValue = 2 };
enum class LogRecord : protozero::pbf_tag_type {
  kTime = 1,
  kSeverityNumber = 2,
  kSeverityText = 3,
  kBody = 5,
  kAttributes = 6,
  kObservedTime = 11,
  kEventName = 12
};
enum class Resource : protozero::pbf_tag_type { kAttributes = 1 };
enum class Scope : protozero::pbf_tag_type { kName = 1, kVersion = 2 };
enum class ScopeLogs : protozero::pbf_tag_type { kScope = 1, kRecords = 2, kSchemaUrl = 3 };
enum class ResourceLogs : protozero::pbf_tag_type { kResource = 1, kScopeLogs = 2, kSchemaUrl = 3 };
enum class ExportRequest : protozero::pbf_tag_type { kResourceLogs = 1 };
enum class ExportResponse : protozero::pbf_tag_type { kPartialSuccess = 1 };
enum class PartialSuccess : protozero::pbf_tag_type { kRejected = 1, kMessage = 2 };

struct AddValue {
  protozero::pbf_builder<AnyValue>& to;

  void operator()(const std::string& text) const { to.add_string(AnyValue::kString, text); }
  void operator()(bool value) const { to.add_bool(AnyValue::kBool, value); }
  void operator()(std::int64_t value) const { to.add_int64(AnyValue::kInt, value); }
  void operator()(double value) const { to.add_double(AnyValue::kDouble, value); }
  void operator()(const std::vector<std::string>& texts) const {
    if (texts.empty()) {  // a builder without content would write nothing at all
      to.add_message(AnyValue::kArray, std::string());
      return;
    }
    protozero::pbf_builder<ArrayValue> array(to, AnyValue::kArray);
    for (const std::string& text : texts) {
      protozero::pbf_builder<AnyValue> value(array, ArrayValue::kValues);
      value.add_string(AnyValue::kString, text);
    }
  }
};

template <typename Message>
void add_attribute(protozero::pbf_builder<Message>& to, Message field, const Attribute& attribute) {
  protozero::pbf_builder<KeyValue> pair(to, field);
  pair.add_string(KeyValue::kKey, attribute.name);
  protozero::pbf_builder<AnyValue> value(pair, KeyValue::kValue);
  std::visit(AddValue{value}, attribute.value);
}

std::uint64_t time_at(const Json& record, const char* field) {
  return static_cast<std::uint64_t>(unix_ns_of(record.at(field).get<std::string>()).value_or(0));
}

// SeverityNumber.
std::int32_t severity_number(const std::string& severity) {
  constexpr std::int32_t kInfo = 9;
  constexpr std::int32_t kWarn = 13;
  return severity == "WARN" ? kWarn : kInfo;
}

void set(std::vector<Attribute>& attributes, const std::string& name, const std::string& text) {
  const auto same = [&name](const Attribute& each) { return each.name == name; };
  const auto found = std::find_if(attributes.begin(), attributes.end(), same);
  if (found != attributes.end()) {
    found->value = text;
  } else {
    attributes.push_back({name, text});
  }
}

}  // namespace

std::string encode_log_record(const Json& record) {
  std::string bytes;
  protozero::pbf_builder<LogRecord> log(bytes);
  log.add_fixed64(LogRecord::kTime, time_at(record, "timestamp"));
  const std::string severity = record.at("severity");
  log.add_enum(LogRecord::kSeverityNumber, severity_number(severity));
  log.add_string(LogRecord::kSeverityText, severity);
  if (const Json& message = record.at("message"); message.is_string()) {
    protozero::pbf_builder<AnyValue> body(log, LogRecord::kBody);
    body.add_string(AnyValue::kString, message.get_ref<const std::string&>());
  }
  for (const Attribute& attribute : flatten(record).attributes) {
    add_attribute(log, LogRecord::kAttributes, attribute);
  }
  log.add_fixed64(LogRecord::kObservedTime, time_at(record, "observed_timestamp"));
  log.add_string(LogRecord::kEventName, record.at("event").at("name").get_ref<const std::string&>());
  return bytes;
}

std::string encode_resource(const Json& record, const NamedTexts& more) {
  std::vector<Attribute> attributes = flatten(record).resource;
  const Json& host_id = record.at("host").at("id");
  set(attributes, "service.name", std::string(kBindtrace));
  if (host_id.is_string()) {  // the same after each start: Loki makes an index of it
    set(attributes, "service.instance.id", host_id);
  }
  set(attributes, "os.type", "linux");
  for (const auto& [name, text] : more) {
    set(attributes, name, text);
  }
  std::string bytes;
  protozero::pbf_builder<Resource> resource(bytes);
  for (const Attribute& attribute : attributes) {
    add_attribute(resource, Resource::kAttributes, attribute);
  }
  return bytes;
}

std::string encode_request(const std::string& resource, std::string_view version,
                           const std::vector<std::string>& records) {
  std::string bytes;
  protozero::pbf_builder<ExportRequest> request(bytes);
  protozero::pbf_builder<ResourceLogs> of_resource(request, ExportRequest::kResourceLogs);
  of_resource.add_message(ResourceLogs::kResource, resource);
  {
    protozero::pbf_builder<ScopeLogs> of_scope(of_resource, ResourceLogs::kScopeLogs);
    {
      protozero::pbf_builder<Scope> scope(of_scope, ScopeLogs::kScope);
      scope.add_string(Scope::kName, kBindtrace.data(), kBindtrace.size());
      scope.add_string(Scope::kVersion, version.data(), version.size());
    }
    for (const std::string& record : records) {
      of_scope.add_message(ScopeLogs::kRecords, record);
    }
    of_scope.add_string(ScopeLogs::kSchemaUrl, kSchema);
  }
  of_resource.add_string(ResourceLogs::kSchemaUrl, kSchema);
  return bytes;
}

std::optional<OtlpReply> decode_reply(std::string_view bytes) try {
  OtlpReply reply;
  protozero::pbf_message<ExportResponse> response(bytes.data(), bytes.size());
  while (response.next()) {
    if (response.tag_and_type() !=
        protozero::tag_and_type(ExportResponse::kPartialSuccess, protozero::pbf_wire_type::length_delimited)) {
      response.skip();
      continue;
    }
    protozero::pbf_message<PartialSuccess> partial(response.get_message());
    while (partial.next()) {
      switch (partial.tag_and_type()) {
        case protozero::tag_and_type(PartialSuccess::kRejected, protozero::pbf_wire_type::varint):
          reply.rejected = static_cast<std::uint64_t>(std::max<std::int64_t>(partial.get_int64(), 0));
          break;
        case protozero::tag_and_type(PartialSuccess::kMessage, protozero::pbf_wire_type::length_delimited):
          reply.message = partial.get_string();
          break;
        default:
          partial.skip();
      }
    }
  }
  return reply;
} catch (const protozero::exception&) {
  return std::nullopt;
}

}  // namespace bindtrace
