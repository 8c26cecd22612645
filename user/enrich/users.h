// SPDX-License-Identifier: Apache-2.0
// User names by id, from a passwd file: no NSS, so that a static build names users too.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <unordered_map>

namespace bindtrace {

class Users {
 public:
  explicit Users(std::filesystem::path passwd) : passwd_(std::move(passwd)) {}

  // Reads the file anew for an id that is not known yet.
  std::optional<std::string> name_of(std::uint32_t uid);
  // The first line of a name has its id. Reads the file anew each time.
  [[nodiscard]] std::optional<std::uint32_t> uid_of(const std::string& name) const;

 private:
  void read();

  std::filesystem::path passwd_;
  std::unordered_map<std::uint32_t, std::string> names_;
};

}  // namespace bindtrace
