// SPDX-License-Identifier: Apache-2.0
#include "sink/prometheus_text.h"

#include <fmt/format.h>

namespace bindtrace {
namespace {

std::string_view to_string(PrometheusText::Type type) {
  switch (type) {
    case PrometheusText::Type::kCounter:
      return "counter";
    case PrometheusText::Type::kGauge:
      return "gauge";
    case PrometheusText::Type::kHistogram:
      break;
  }
  return "histogram";
}

std::string escaped(std::string_view value) {
  std::string text;
  for (const char c : value) {
    if (c == '\n') {
      text += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') {
      text += '\\';
    }
    text += c;
  }
  return text;
}

}  // namespace

void PrometheusText::family(std::string_view name, Type type, std::string_view help) {
  name_ = name;
  text_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, to_string(type));
}

void PrometheusText::sample(Labels labels, std::uint64_t value, std::string_view suffix) {
  add(labels, fmt::format("{}", value), suffix);
}

void PrometheusText::sample(Labels labels, double value, std::string_view suffix) {
  add(labels, fmt::format("{}", value), suffix);
}

void PrometheusText::add(Labels labels, std::string_view value, std::string_view suffix) {
  std::string inside;
  for (const auto& [name, label] : labels) {
    inside += fmt::format("{}{}=\"{}\"", inside.empty() ? "" : ",", name, escaped(label));
  }
  text_ += inside.empty() ? fmt::format("{}{} {}\n", name_, suffix, value)
                          : fmt::format("{}{}{{{}}} {}\n", name_, suffix, inside, value);
}

}  // namespace bindtrace
