// SPDX-License-Identifier: Apache-2.0
// The text format of Prometheus: families of samples, one after the other. Pure.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace bindtrace {

class PrometheusText {
 public:
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  enum class Type { kCounter, kGauge, kHistogram };

  // What follows until the next one is of it. `help` is one line without a backslash.
  void family(std::string_view name, Type type, std::string_view help);
  // `suffix` as in "_bucket", which a histogram has.
  void sample(Labels labels, std::uint64_t value, std::string_view suffix = "");
  void sample(Labels labels, double value, std::string_view suffix = "");

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void add(Labels labels, std::string_view value, std::string_view suffix);

  std::string name_;
  std::string text_;
};

}  // namespace bindtrace
