// SPDX-License-Identifier: Apache-2.0
#include "sink/otlp_options.h"

#include <map>

#include <gtest/gtest.h>

namespace bindtrace {
namespace {

using Environment = std::map<std::string, std::string>;

Result<OtlpOptions> options_of(const std::string& target, const Environment& environment) {
  return otlp_options(target, [&environment](const std::string& name) -> std::optional<std::string> {
    const auto found = environment.find(name);
    return found != environment.end() ? std::optional(found->second) : std::nullopt;
  });
}

std::string url_of(const std::string& target, const Environment& environment = {}) {
  const auto options = options_of(target, environment);
  return options ? options->url : options.error().message;
}

std::string complaint(const Environment& environment) {
  const auto options = options_of("http://127.0.0.1:4318", environment);
  return options ? "" : options.error().message;
}

TEST(OtlpUrl, GetsThePathOfLogsWhereItHasNone) {
  EXPECT_EQ(url_of("http://127.0.0.1:4318"), "http://127.0.0.1:4318/v1/logs");
  EXPECT_EQ(url_of("https://[::1]:4318/"), "https://[::1]:4318/v1/logs");
}

TEST(OtlpUrl, KeepsThePathThatItHas) {
  EXPECT_EQ(url_of("http://vl:9428/insert/opentelemetry/v1/logs"), "http://vl:9428/insert/opentelemetry/v1/logs");
  EXPECT_EQ(url_of("http://vl:9428/v1/logs?x=1"), "http://vl:9428/v1/logs?x=1");
}

TEST(OtlpUrl, OfTheEnvironmentIsABaseUnlessItIsThatOfLogs) {
  EXPECT_EQ(url_of("env", {{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"}}), "http://c:4318/v1/logs");
  EXPECT_EQ(url_of("env", {{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c/otlp/"}}), "http://c/otlp/v1/logs");
  EXPECT_EQ(url_of("env",
                   {{"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://c/own"}, {"OTEL_EXPORTER_OTLP_ENDPOINT", "http://d"}}),
            "http://c/own");
}

TEST(OtlpUrl, OfAnArgumentWinsOverTheEnvironment) {
  EXPECT_EQ(url_of("http://a", {{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c"}}), "http://a/v1/logs");
}

TEST(OtlpUrl, ThatIsMissingOrBadIsAnErrorWithARemedy) {
  EXPECT_EQ(url_of("env", {{"OTEL_EXPORTER_OTLP_ENDPOINT", ""}}),
            "--otlp env: OTEL_EXPORTER_OTLP_ENDPOINT is not set: set it, or give a URL as in "
            "--otlp http://127.0.0.1:4318");
  EXPECT_EQ(url_of("env", {{"OTEL_EXPORTER_OTLP_ENDPOINT", "c:4318"}}),
            "OTEL_EXPORTER_OTLP_ENDPOINT 'c:4318' is no URL: give one as in http://127.0.0.1:4318");
  EXPECT_EQ(url_of("http://"), "--otlp 'http://' is no URL: give one as in http://127.0.0.1:4318");
  EXPECT_EQ(url_of("http://a b"), "--otlp 'http://a b' is no URL: give one as in http://127.0.0.1:4318");
}

TEST(OtlpUrl, CarriesNoPassword) {
  const std::string message = url_of("https://me:secret@host");
  EXPECT_EQ(message.find("secret"), std::string::npos);
  EXPECT_EQ(message.substr(0, 40), "--otlp has a user or password in its URL");
}

TEST(OtlpUrl, WithAQueryIsNoBase) {
  EXPECT_EQ(url_of("env", {{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c?x=1"}}),
            "OTEL_EXPORTER_OTLP_ENDPOINT 'http://c?x=1' has a query, where /v1/logs would be appended: give the whole "
            "URL as OTEL_EXPORTER_OTLP_LOGS_ENDPOINT");
}

TEST(OtlpVariables, AreNotNeeded) {
  const auto options = options_of("http://127.0.0.1:4318", {});
  ASSERT_TRUE(options);
  EXPECT_TRUE(options->gzip);
  EXPECT_EQ(options->timeout.count(), 10'000);
  EXPECT_TRUE(options->headers.empty());
}

TEST(OtlpVariables, OfLogsWinOverTheGeneralOnes) {
  const auto options = options_of("http://a", {{"OTEL_EXPORTER_OTLP_TIMEOUT", "1000"},
                                               {"OTEL_EXPORTER_OTLP_LOGS_TIMEOUT", "2500"},
                                               {"OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"},
                                               {"OTEL_EXPORTER_OTLP_LOGS_COMPRESSION", "none"},
                                               {"OTEL_EXPORTER_OTLP_CERTIFICATE", "/a.pem"},
                                               {"OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE", "/b.pem"},
                                               {"OTEL_EXPORTER_OTLP_CLIENT_KEY", "/key.pem"},
                                               {"OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "/own.pem"}});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->timeout.count(), 2500);
  EXPECT_FALSE(options->gzip);
  EXPECT_EQ(options->certificate, "/b.pem");
  EXPECT_EQ(options->client_key, "/key.pem");
  EXPECT_EQ(options->client_certificate, "/own.pem");
}

TEST(OtlpVariables, GiveHeadersWithDecodedValues) {
  const auto options =
      options_of("http://a", {{"OTEL_EXPORTER_OTLP_HEADERS", "Authorization=Basic%20dXNlcg==, x-scope = a%2Cb ,"}});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->headers, (NamedTexts{{"Authorization", "Basic dXNlcg=="}, {"x-scope", "a,b"}}));
}

TEST(OtlpVariables, GiveTheResourceMoreAttributes) {
  const auto options =
      options_of("http://a", {{"OTEL_RESOURCE_ATTRIBUTES", "service.name=a,team=b%FF"}, {"OTEL_SERVICE_NAME", "ours"}});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->resource,
            (NamedTexts{{"service.name", "a"}, {"team", "b\xEF\xBF\xBD"}, {"service.name", "ours"}}));
}

TEST(OtlpVariables, ThatDoNotFitAreErrorsWithARemedy) {
  EXPECT_EQ(complaint({{"OTEL_EXPORTER_OTLP_TIMEOUT", "10s"}}),
            "OTEL_EXPORTER_OTLP_TIMEOUT '10s' does not fit: give milliseconds, 1 to 600000, as in 10000");
  EXPECT_EQ(complaint({{"OTEL_EXPORTER_OTLP_LOGS_COMPRESSION", "zstd"}}),
            "OTEL_EXPORTER_OTLP_LOGS_COMPRESSION 'zstd' is not known: give gzip or none");
  EXPECT_EQ(complaint({{"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"}}),
            "OTEL_EXPORTER_OTLP_PROTOCOL 'grpc' is not spoken here: give http/protobuf, and the endpoint's port for it "
            "(4318)");
  EXPECT_EQ(complaint({{"OTEL_RESOURCE_ATTRIBUTES", "team"}}),
            "OTEL_RESOURCE_ATTRIBUTES is no list of pairs: give name=value,name=value");
}

TEST(OtlpVariables, OfHeadersAreNotQuotedAndCarryNoLine) {
  EXPECT_EQ(complaint({{"OTEL_EXPORTER_OTLP_HEADERS", "key=100%"}}),
            "OTEL_EXPORTER_OTLP_HEADERS has a '%' in the value of key that is no code of a byte: write %25");
  for (const char* headers : {"key=a%0D%0AHost: b", "a key=b", "key:=b", "key=a%00b"}) {
    EXPECT_EQ(complaint({{"OTEL_EXPORTER_OTLP_HEADERS", headers}}),
              "OTEL_EXPORTER_OTLP_HEADERS has what no header may have: give name=value,name=value")
        << headers;
  }
}

}  // namespace
}  // namespace bindtrace
