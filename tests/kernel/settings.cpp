// SPDX-License-Identifier: Apache-2.0
#include "settings.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <sys/utsname.h>

namespace bindtrace {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): one thread
  return value != nullptr ? value : "";
}

std::vector<std::string> list(const char* name) {
  std::vector<std::string> items;
  std::istringstream text(variable(name));
  for (std::string item; std::getline(text, item, ',');) {
    if (!item.empty()) {
      items.push_back(item);
    }
  }
  return items;
}

bool short_run() {
  return !variable("BINDTRACE_SHORT").empty();
}

double positive_number(const char* name, double otherwise) {
  const std::string text = variable(name);
  if (text.empty()) {
    return otherwise;
  }
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  if (*end != '\0' || !(number > 0)) {
    throw std::runtime_error(std::string(name) + " must be a positive number, not " + text);
  }
  return number;
}

}  // namespace

std::vector<std::string> tiers_to_test() {
  return list("BINDTRACE_TIERS");
}

std::vector<std::string> features_to_expect() {
  return list("BINDTRACE_EXPECT");
}

std::vector<std::string> last_tier_to_test() {
  std::vector<std::string> tiers = tiers_to_test();
  if (tiers.size() > 1) {
    tiers.erase(tiers.begin(), tiers.end() - 1);
  }
  return tiers;
}

std::vector<std::string> tiers_unless_short() {
  return short_run() ? last_tier_to_test() : tiers_to_test();
}

std::vector<std::string> last_tier_unless_short() {
  return short_run() ? std::vector<std::string>{} : last_tier_to_test();
}

std::string own_executable() {
  return std::filesystem::read_symlink("/proc/self/exe");
}

std::string tracer_path() {
  std::string path = variable("BINDTRACE");
  if (!path.empty()) {
    return path;
  }
  return std::filesystem::path(own_executable()).parent_path() / "bindtrace";
}

std::string records_file() {
  return variable("BINDTRACE_RECORDS");
}

std::string python_interpreter() {
  return variable("BINDTRACE_PYTHON");
}

int trials() {
  return static_cast<int>(positive_number("BINDTRACE_TRIALS", 1000 / positive_number("BINDTRACE_SLOW", 1)));
}

int storm_size() {
  return static_cast<int>(positive_number("BINDTRACE_STORM", 20000 / positive_number("BINDTRACE_SLOW", 1)));
}

int tasks_on_one_cpu() {
  return static_cast<int>(positive_number("BINDTRACE_TASKS", 2));
}

int reuses() {
  return static_cast<int>(positive_number("BINDTRACE_REUSES", 300 / positive_number("BINDTRACE_SLOW", 1)));
}

int many_fds() {
  return static_cast<int>(positive_number("BINDTRACE_FDS", 300'000 / positive_number("BINDTRACE_SLOW", 1)));
}

int crowd_size() {
  return static_cast<int>(positive_number("BINDTRACE_CROWD", 9000));
}

std::chrono::milliseconds time_limit(double seconds) {
  return std::chrono::milliseconds(static_cast<long long>(seconds * 1000 * positive_number("BINDTRACE_SLOW", 1)));
}

bool kernel_has_bpf_loop() {
  utsname kernel{};
  int major = 0;
  int minor = 0;
  if (uname(&kernel) != 0 || std::sscanf(kernel.release, "%d.%d", &major, &minor) != 2) {
    throw std::runtime_error("cannot read the kernel's version");
  }
  return major > 5 || (major == 5 && minor >= 17);
}

std::string tier_taken_by_default() {
  const std::vector<std::string> tiers = tiers_to_test();
  const bool kprobe = std::find(tiers.begin(), tiers.end(), "kprobe") != tiers.end();
  return kprobe && kernel_preempts_programs() ? "kprobe" : tiers.front();
}

// The mode is the one in brackets: "none voluntary (full)".
bool kernel_preempts_programs() {
  std::string modes;
  std::ifstream file("/sys/kernel/debug/sched/preempt");
  std::getline(file, modes);
  return modes.find("(full)") != std::string::npos || modes.find("(lazy)") != std::string::npos;
}

}  // namespace bindtrace
