// SPDX-License-Identifier: Apache-2.0
// Where and how --otlp sends, by its argument and by OpenTelemetry's environment variables
// (https://opentelemetry.io/docs/specs/otel/protocol/exporter/). Pure.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "base/result.h"
#include "sink/pairs.h"

namespace bindtrace {

// The value of an environment variable, if it is set.
using Variables = std::function<std::optional<std::string>(const std::string& name)>;

struct OtlpOptions {
  std::string url;
  NamedTexts headers;
  std::chrono::milliseconds timeout{10'000};  // of one request
  bool gzip = true;
  // Files of PEM; empty: the system's authorities, no certificate of our own.
  std::string certificate;
  std::string client_certificate;
  std::string client_key;
  NamedTexts resource;  // more attributes
};

// `target` is a URL, or "env" for what OTEL_EXPORTER_OTLP_ENDPOINT says. For each variable the form with LOGS_ in it
// comes first; an empty one counts as not set. An Error names the variable and the remedy.
Result<OtlpOptions> otlp_options(const std::string& target, const Variables& variables);

}  // namespace bindtrace
