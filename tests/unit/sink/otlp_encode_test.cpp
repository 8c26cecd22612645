// SPDX-License-Identifier: Apache-2.0
// What was encoded is read back field by field, by the numbers of OTLP's .proto files.
#include "sink/otlp_encode.h"

#include <map>
#include <stdexcept>

#include <gtest/gtest.h>
#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>

#include "incidents.h"
#include "sink/json_head.h"

namespace bindtrace {
namespace {

using Reader = protozero::pbf_reader;

Reader message_at(Reader message, protozero::pbf_tag_type field) {
  if (!message.next(field)) {
    throw std::out_of_range("no field " + std::to_string(field));
  }
  return message.get_message();
}

std::string text_at(Reader message, protozero::pbf_tag_type field) {
  return message.next(field) ? message.get_string() : "";
}

std::uint64_t fixed_at(Reader message, protozero::pbf_tag_type field) {
  return message.next(field) ? message.get_fixed64() : 0;
}

std::string shown(Reader value) {  // NOLINT(misc-no-recursion): as deep as what is tested
  if (!value.next()) {
    return "nothing";
  }
  switch (value.tag()) {
    case 1:
      return value.get_string();
    case 2:
      return value.get_bool() ? "true" : "false";
    case 3:
      return "int " + std::to_string(value.get_int64());
    case 5: {
      std::string texts;
      for (Reader array = value.get_message(); array.next(1);) {
        texts += '[' + shown(array.get_message()) + ']';
      }
      return texts;
    }
    default:
      return "field " + std::to_string(value.tag());
  }
}

std::map<std::string, std::string> attributes_of(Reader message, protozero::pbf_tag_type field) {
  std::map<std::string, std::string> attributes;
  while (message.next(field)) {
    const Reader pair = message.get_message();
    attributes[text_at(pair, 1)] = shown(message_at(pair, 2));
  }
  return attributes;
}

TEST(OtlpLogRecord, SaysWhenWhatAndHowBad) {
  const std::string bytes = encode_log_record(record_of(nginx_restart()));
  const Reader log(bytes);
  EXPECT_EQ(fixed_at(log, 1), static_cast<std::uint64_t>(kFailureUnixNs));
  EXPECT_EQ(fixed_at(log, 11), static_cast<std::uint64_t>(kFailureUnixNs) + 412'000);
  Reader severity = log;
  ASSERT_TRUE(severity.next(2));
  EXPECT_EQ(severity.get_enum(), 13);
  EXPECT_EQ(text_at(log, 3), "WARN");
  EXPECT_EQ(shown(message_at(log, 5)).substr(0, 36), "nginx.service (nginx[1234]) could no");
  EXPECT_EQ(text_at(log, 12), "bindtrace.bind.conflict");
}

TEST(OtlpLogRecord, OfTheAgentIsInformation) {
  const std::string bytes = encode_log_record(record_of(AgentStarted{.unix_ns = 1, .tier = "fexit", .host = nullptr}));
  Reader severity(bytes);
  ASSERT_TRUE(severity.next(2));
  EXPECT_EQ(severity.get_enum(), 9);
}

TEST(OtlpLogRecord, HasAttributesOfEachType) {
  const std::string bytes = encode_log_record(record_of(nginx_restart()));
  const auto attributes = attributes_of(Reader(bytes), 6);
  EXPECT_EQ(attributes.at("event.name"), "bindtrace.bind.conflict");
  EXPECT_EQ(attributes.at("network.local.port"), "int 80");
  EXPECT_EQ(attributes.at("bindtrace.socket.reuseport"), "false");
  EXPECT_EQ(attributes.at("bindtrace.holder.fds"), "[6]");
}

TEST(OtlpLogRecord, KeepsAnEmptyArray) {
  Incident incident = nginx_restart();
  incident.holders[0].fds.clear();
  const std::string bytes = encode_log_record(record_of(incident));
  EXPECT_EQ(attributes_of(Reader(bytes), 6).at("bindtrace.holder.fds"), "");
}

TEST(OtlpResource, NamesTheServiceAndTheMachine) {
  const std::string bytes = encode_resource(record_of(nginx_restart()), {});
  const auto attributes = attributes_of(Reader(bytes), 1);
  EXPECT_EQ(attributes.at("service.name"), "bindtrace");
  EXPECT_EQ(attributes.at("service.instance.id"), attributes.at("host.id"));
  EXPECT_EQ(attributes.at("host.name"), "web1");
  EXPECT_EQ(attributes.at("os.type"), "linux");
}

TEST(OtlpResource, TakesWhatTheEnvironmentAddsAndReplaces) {
  const NamedTexts more{{"deployment.environment.name", "test"}, {"host.name", "front"}, {"service.name", "ours"}};
  const std::string bytes = encode_resource(record_of(nginx_restart()), more);
  const auto attributes = attributes_of(Reader(bytes), 1);
  EXPECT_EQ(attributes.at("deployment.environment.name"), "test");
  EXPECT_EQ(attributes.at("host.name"), "front");
  EXPECT_EQ(attributes.at("service.name"), "ours");
}

TEST(OtlpRequest, HoldsTheResourceTheScopeAndAllRecords) {
  const std::string bytes = encode_request("", "0.1.0", {encode_log_record(record_of(nginx_restart())), ""});
  const Reader of_resource = message_at(Reader(bytes), 1);
  const Reader of_scope = message_at(of_resource, 2);
  EXPECT_EQ(text_at(message_at(of_scope, 1), 1), "bindtrace");
  EXPECT_EQ(text_at(message_at(of_scope, 1), 2), "0.1.0");
  EXPECT_EQ(text_at(of_resource, 3), text_at(of_scope, 3));
  int records = 0;
  for (Reader all = of_scope; all.next(2); all.skip()) {
    ++records;
  }
  EXPECT_EQ(records, 2);
}

std::string reply(std::int64_t rejected, const std::string& message) {
  std::string partial;
  protozero::pbf_writer(partial).add_int64(1, rejected);
  protozero::pbf_writer(partial).add_string(2, message);
  std::string bytes;
  protozero::pbf_writer(bytes).add_message(1, partial);
  return bytes;
}

TEST(OtlpReply, SaysHowManyWereRejected) {
  const auto decoded = decode_reply(reply(3, "too old"));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->rejected, 3U);
  EXPECT_EQ(decoded->message, "too old");
}

TEST(OtlpReply, OfNoBytesRejectsNothing) {
  ASSERT_TRUE(decode_reply(""));
  EXPECT_EQ(decode_reply("")->rejected, 0U);
}

TEST(OtlpReply, RejectsNoNegativeNumber) {
  EXPECT_EQ(decode_reply(reply(-1, ""))->rejected, 0U);
}

TEST(OtlpReply, IsNoPageOfAWebServer) {
  EXPECT_FALSE(decode_reply("<!DOCTYPE html>"));
  EXPECT_FALSE(decode_reply("OK"));
}

TEST(OtlpReply, ThatIsCutOffIsNone) {
  const std::string whole = reply(3, "too old");
  for (std::size_t size = 1; size < whole.size(); ++size) {
    EXPECT_FALSE(decode_reply(whole.substr(0, size))) << size;
  }
}

}  // namespace
}  // namespace bindtrace
