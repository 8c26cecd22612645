// SPDX-License-Identifier: Apache-2.0
#include "golden.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

namespace bindtrace {

namespace {

std::filesystem::path path_of(const std::string& name) {
  return std::filesystem::path(BINDTRACE_GOLDEN_DIR) / name;
}

}  // namespace

std::string read_golden(const std::string& name) {
  std::ifstream file(path_of(name));
  EXPECT_TRUE(file) << path_of(name) << " cannot be read";
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

void expect_golden(const std::string& name, const std::string& actual) {
  const bool update = std::getenv("BINDTRACE_UPDATE_GOLDEN") != nullptr;  // NOLINT(concurrency-mt-unsafe): one thread
  if (update) {
    std::ofstream(path_of(name)) << actual;
  }
  EXPECT_EQ(actual, read_golden(name)) << "differs from " << path_of(name);
}

}  // namespace bindtrace
