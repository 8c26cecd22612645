// SPDX-License-Identifier: Apache-2.0
#include "record.h"

#include <cstdlib>
#include <ctime>
#include <fstream>
#include <stdexcept>
#include <string>

#include "settings.h"

namespace bindtrace {

int64_t time_ns(const nlohmann::json& text) {
  tm parts{};
  const std::string value = text.is_string() ? text.get<std::string>() : "";
  const char* rest = strptime(value.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (rest == nullptr || !value.ends_with('Z')) {
    return -1;
  }
  const double fraction = *rest == '.' ? std::strtod(rest, nullptr) : 0;
  return timegm(&parts) * 1'000'000'000 + static_cast<int64_t>(fraction * 1e9);
}

Record Record::parse(std::string_view line) {
  nlohmann::json json = nlohmann::json::parse(line);
  if (!json.is_object()) {
    throw std::runtime_error("a record that is no JSON object: " + std::string(line));
  }
  if (const std::string file = records_file(); !file.empty()) {
    std::ofstream(file, std::ios::app) << json.dump() << '\n';
  }
  return Record(std::move(json));
}

const nlohmann::json* Record::find(std::string_view path) const {
  const nlohmann::json* here = &json_;
  while (!path.empty()) {
    const size_t dot = path.find('.');
    const std::string step(path.substr(0, dot));
    path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
    if (!here->is_object()) {
      return nullptr;
    }
    const auto found = here->find(step);
    if (found == here->end()) {
      return nullptr;
    }
    here = &*found;
  }
  return here;
}

nlohmann::json Record::at(std::string_view path) const {
  const nlohmann::json* found = find(path);
  return found != nullptr ? *found : nlohmann::json();
}

bool Record::has(std::string_view path) const {
  return find(path) != nullptr;
}

std::vector<Record> Record::holders() const {
  std::vector<Record> holders;
  for (const nlohmann::json& holder : at("bindtrace.holders")) {
    holders.push_back(Record(holder));
  }
  return holders;
}

Record Record::holder() const {
  const std::vector<Record> all = holders();
  return all.empty() ? Record(nlohmann::json::object()) : all.front();
}

Record Record::holder_with_pid(int pid) const {
  for (const Record& holder : holders()) {
    if (holder.at("pid") == pid) {
      return holder;
    }
  }
  return Record(nlohmann::json::object());
}

}  // namespace bindtrace
