// SPDX-License-Identifier: Apache-2.0
// bindtrace_failure_cost BINDTRACE ROUNDS: what the caller of a bind that fails pays, untraced and on each tier; in
// lines of words:
//
//   failing SETTING first NS    the first ones: their record, and the search for the owners of the port
//   failing SETTING later NS    when the searches of a burst are used up (bpf/scan.bpf.h): their record alone
//   failing SETTING many NS     when a burst of records is used up too
//   account SETTING ATTEMPTED RECORDED SUPPRESSED LOST   what the kernel side did with all failures of the last round
//
// NS is the median of ROUNDS. SETTING is nothing or a tier; a tier that does not start here is left out. Failures of
// other programs on the machine are in the account too.
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "calls.h"
#include "run_bench.h"
#include "statistics.h"
#include "tracer_process.h"

namespace bindtrace::bench {
namespace {

// Failures in a row, and which of them are measured.
struct Phase {
  const char* name;
  int measured_from;
  int measured;
};
constexpr std::array<Phase, 3> kPhases{{
    {"first", 100, 1000},
    {"later", 2200, 1000},  // a burst is 2,048 searches, and 100 more each second
    {"many", 8000, 2000},   // a burst is 4,096 records, and 1,000 more each second: of the searches above
}};
const std::string kRing = "--ring-size=64M";  // holds them all: what is measured is not whether it overflows

using Samples = std::map<std::string, std::vector<double>>;  // by phase

void fail(const RefusedBind& refused, Samples& samples) {
  const FirstInLine first;
  int failed = 0;
  for (const Phase& phase : kPhases) {
    for (; failed < phase.measured_from; failed++) {
      refused();
    }
    samples[phase.name].push_back(ns_per_call(phase.measured, [&refused] { refused(); }));
    failed += phase.measured;
  }
}

// The last record that the tracer wrote.
nlohmann::json last_record(int file) {
  constexpr off_t kLongest = 4096;
  const off_t size = ::lseek(file, 0, SEEK_END);
  std::string text(static_cast<std::size_t>(std::min(size, kLongest)), '\0');
  if (::pread(file, text.data(), text.size(), size - static_cast<off_t>(text.size())) < 0 || text.empty()) {
    throw std::runtime_error("the tracer has written nothing");
  }
  text.pop_back();  // its newline
  return nlohmann::json::parse(text.substr(text.rfind('\n') + 1));
}

// What is recorded need not be explained: at its end a tracer leaves what takes longer (lost.output).
void print_account(const std::string& tier, const nlohmann::json& stopped) {
  const nlohmann::json& stats = stopped.at("bindtrace").at("stats");
  const nlohmann::json& lost = stats.at("lost");
  const auto count = [](const nlohmann::json& number) { return number.get<std::uint64_t>(); };
  fmt::print("account {} {} {} {} {}\n", tier, count(stats.at("attempted")),
             count(stats.at("emitted")) + count(lost.at("output")), count(stats.at("suppressed")),
             count(lost.at("ring")) + count(lost.at("map")));
}

void print(const std::string& setting, const Samples& samples) {
  for (const Phase& phase : kPhases) {
    fmt::print("failing {} {} {:.0f}\n", setting, phase.name, median(samples.at(phase.name)));
  }
}

void run(const std::string& program, int rounds) {
  leave_network_namespace();
  const RefusedBind refused;
  Samples untraced;
  for (int round = 0; round < rounds; round++) {
    fail(refused, untraced);
  }
  print("nothing", untraced);
  for (const std::string tier : {"fexit", "kprobe", "tracepoint"}) {
    Samples samples;
    nlohmann::json stopped;
    try {
      for (int round = 0; round < rounds; round++) {
        const UniqueFd output(::memfd_create("records", MFD_CLOEXEC));
        TracerProcess tracer(program, {"--attach=" + tier, kRing}, output.get());
        fail(refused, samples);
        tracer.stop();
        stopped = last_record(output.get());
      }
    } catch (const std::exception& error) {
      fmt::print(stderr, "{} left out: {}\n", tier, error.what());
      continue;
    }
    print(tier, samples);
    print_account(tier, stopped);
  }
}

}  // namespace
}  // namespace bindtrace::bench

int main(int argc, char** argv) {
  const int rounds = argc == 3 ? std::atoi(argv[2]) : 0;
  if (rounds < 1) {
    std::fputs("usage: bindtrace_failure_cost BINDTRACE ROUNDS\n", stderr);
    return 2;
  }
  return bindtrace::bench::run_bench("bindtrace_failure_cost", [&] { bindtrace::bench::run(argv[1], rounds); });
}
