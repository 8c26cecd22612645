// SPDX-License-Identifier: Apache-2.0
#include "sink/otlp_options.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include <fmt/format.h>

#include "base/escape.h"
#include "sink/pairs.h"

namespace bindtrace {
namespace {

constexpr std::string_view kPath = "/v1/logs";

struct Variable {
  std::string name;
  std::string value;
};

// OTEL_EXPORTER_OTLP_LOGS_<name>, else OTEL_EXPORTER_OTLP_<name>; the value is empty where neither is set.
Variable variable(const Variables& variables, const std::string& name) {
  for (const char* prefix : {"OTEL_EXPORTER_OTLP_LOGS_", "OTEL_EXPORTER_OTLP_"}) {
    if (auto value = variables(prefix + name); value && !value->empty()) {
      return {prefix + name, *std::move(value)};
    }
  }
  return {"OTEL_EXPORTER_OTLP_" + name, ""};
}

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

// The URL without a slash at its end; `path` is where its path begins, which may be its end.
struct Url {
  std::string text;
  std::size_t path = 0;
};

Result<Url> checked_url(const std::string& from, std::string text) {
  const std::size_t scheme = text.find("://");
  const bool is_http = text.starts_with("http://") || text.starts_with("https://");
  const std::size_t authority = scheme + 3;
  const std::size_t end = is_http ? std::min(text.find_first_of("/?#", authority), text.size()) : 0;
  if (!is_http || end == authority || !is_printable(text) || text.find('#') != std::string::npos) {
    return fail(ErrorKind::kUsage, fmt::format("{} '{}' is no URL: give one as in http://127.0.0.1:4318", from, text));
  }
  if (text.substr(authority, end - authority).find('@') != std::string::npos) {
    return fail(ErrorKind::kUsage,
                fmt::format("{} has a user or password in its URL: give OTEL_EXPORTER_OTLP_HEADERS instead, as in "
                            "Authorization=Basic%20dXNlcjpwYXNz",
                            from));
  }
  return Url{std::move(text), end};
}

Result<std::string> with_signal_path(const std::string& from, Url url) {
  if (url.text.find('?') != std::string::npos) {
    return fail(ErrorKind::kUsage, fmt::format("{} '{}' has a query, where {} would be appended: give the whole URL as "
                                               "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
                                               from, url.text, kPath));
  }
  if (url.text.back() == '/') {
    url.text.pop_back();
  }
  return url.text.append(kPath);
}

Result<std::string> url_of_environment(const Variables& variables) {
  const Variable endpoint = variable(variables, "ENDPOINT");
  if (endpoint.value.empty()) {
    return fail(ErrorKind::kUsage,
                "--otlp env: OTEL_EXPORTER_OTLP_ENDPOINT is not set: set it, or give a URL as in "
                "--otlp http://127.0.0.1:4318");
  }
  auto url = checked_url(endpoint.name, endpoint.value);
  if (!url) {
    return tl::unexpected(url.error());
  }
  const bool of_logs = endpoint.name == "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT";
  return of_logs ? Result<std::string>(url->text) : with_signal_path(endpoint.name, *std::move(url));
}

// One that has a path already is taken as it is.
Result<std::string> url_of(const std::string& target, const Variables& variables) {
  if (target == "env") {
    return url_of_environment(variables);
  }
  auto url = checked_url("--otlp", target);
  if (!url) {
    return tl::unexpected(url.error());
  }
  const bool is_bare = url->path == url->text.size() || url->text.substr(url->path) == "/";
  return is_bare ? with_signal_path("--otlp", *std::move(url)) : Result<std::string>(url->text);
}

Result<void> take_timeout(const Variables& variables, OtlpOptions& options) {
  const Variable timeout = variable(variables, "TIMEOUT");
  if (timeout.value.empty()) {
    return {};
  }
  constexpr int kMostMs = 600'000;
  int ms = 0;
  const char* end = timeout.value.data() + timeout.value.size();
  const auto parsed = std::from_chars(timeout.value.data(), end, ms);
  if (parsed.ec != std::errc{} || parsed.ptr != end || ms < 1 || ms > kMostMs) {
    return fail(ErrorKind::kUsage, fmt::format("{} '{}' does not fit: give milliseconds, 1 to {}, as in 10000",
                                               timeout.name, timeout.value, kMostMs));
  }
  options.timeout = std::chrono::milliseconds(ms);
  return {};
}

Result<void> take_compression(const Variables& variables, OtlpOptions& options) {
  const Variable compression = variable(variables, "COMPRESSION");
  if (!compression.value.empty() && compression.value != "gzip" && compression.value != "none") {
    return fail(ErrorKind::kUsage,
                fmt::format("{} '{}' is not known: give gzip or none", compression.name, compression.value));
  }
  options.gzip = compression.value != "none";
  return {};
}

Result<void> check_protocol(const Variables& variables) {
  const Variable protocol = variable(variables, "PROTOCOL");
  if (protocol.value.empty() || protocol.value == "http/protobuf") {
    return {};
  }
  return fail(ErrorKind::kUsage, fmt::format("{} '{}' is not spoken here: give http/protobuf, and the endpoint's port "
                                             "for it (4318)",
                                             protocol.name, protocol.value));
}

Result<void> take_headers(const Variables& variables, OtlpOptions& options) {
  const Variable headers = variable(variables, "HEADERS");
  auto pairs = parse_pairs(headers.name, headers.value);
  if (!pairs) {
    return tl::unexpected(pairs.error());
  }
  const auto is_header = [](const auto& pair) {
    return is_token(pair.first) && pair.second.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos;
  };
  if (!std::all_of(pairs->begin(), pairs->end(), is_header)) {
    return fail(ErrorKind::kUsage, headers.name + " has what no header may have: give name=value,name=value");
  }
  options.headers = *std::move(pairs);
  return {};
}

// What is most special comes last, and so replaces.
Result<void> take_resource(const Variables& variables, OtlpOptions& options) {
  const std::string name = "OTEL_RESOURCE_ATTRIBUTES";
  auto pairs = parse_pairs(name, variables(name).value_or(""));
  if (!pairs) {
    return tl::unexpected(pairs.error());
  }
  options.resource = *std::move(pairs);
  if (const auto service = variables("OTEL_SERVICE_NAME"); service && !service->empty()) {
    options.resource.emplace_back("service.name", sanitize_utf8(*service));
  }
  return {};
}

}  // namespace

Result<OtlpOptions> otlp_options(const std::string& target, const Variables& variables) {
  OtlpOptions options;
  auto url = url_of(target, variables);
  if (!url) {
    return tl::unexpected(url.error());
  }
  options.url = *std::move(url);
  for (const auto& taken :
       {check_protocol(variables), take_timeout(variables, options), take_compression(variables, options),
        take_headers(variables, options), take_resource(variables, options)}) {
    if (!taken) {
      return tl::unexpected(taken.error());
    }
  }
  options.certificate = variable(variables, "CERTIFICATE").value;
  options.client_certificate = variable(variables, "CLIENT_CERTIFICATE").value;
  options.client_key = variable(variables, "CLIENT_KEY").value;
  return options;
}

}  // namespace bindtrace
