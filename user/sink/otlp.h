// SPDX-License-Identifier: Apache-2.0
// Records to an OpenTelemetry endpoint, by a thread of its own: OTLP logs over HTTP.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "sink/exporter.h"

namespace bindtrace {

// `target` is a URL or "env"; `variables` are those of the environment (sink/otlp_options.h). The thread starts with
// the first record. An Error names option or variable and the remedy; of a build without OTLP, that it is one.
Result<std::unique_ptr<Exporter>> open_otlp(
    const std::string& target, const std::function<std::optional<std::string>(const std::string& name)>& variables);

}  // namespace bindtrace
