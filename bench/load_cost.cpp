// SPDX-License-Identifier: Apache-2.0
// bindtrace_load_cost BINDTRACE RUNS: what each tier that works here costs before it is ready, in lines of words:
//
//   kernel RELEASE [preemptible]     where programs may be preempted, each hook has its backups
//   program TIER NAME INSTRUCTIONS   that the verifier followed
//   load TIER MS                     all programs of the tier, libbpf's work included; median of RUNS
//   ready TIER MS                    from fork() of the real binary to its --ready-fd; median of RUNS
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <sys/utsname.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "enrich/preemption.h"
#include "probe/object.h"
#include "run_bench.h"
#include "statistics.h"
#include "tracer_process.h"

namespace {

constexpr int kStatistics = 4;  // BPF_LOG_STATS of the kernel's bpf_verifier.h

// Instructions by the name of the program, while somebody asks. Kept in the kernel since 5.16 only
// (bpf_prog_info.verified_insns); the end of the verifier's log has told them always.
std::map<std::string, unsigned long>* instructions = nullptr;

}  // namespace

// What the linker puts between libbpf's bpf_object__load() and its system call (--wrap).
// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): the names are ld's
extern "C" {
decltype(bpf_prog_load) __real_bpf_prog_load;
decltype(bpf_prog_load) __wrap_bpf_prog_load;

int __wrap_bpf_prog_load(bpf_prog_type type, const char* name, const char* license, const bpf_insn* code,
                         std::size_t length, const bpf_prog_load_opts* asked) {
  if (instructions == nullptr || name == nullptr) {
    return __real_bpf_prog_load(type, name, license, code, length, asked);
  }
  std::array<char, 4096> log{};
  bpf_prog_load_opts options = *asked;
  options.log_level = kStatistics;
  options.log_buf = log.data();
  options.log_size = log.size();
  const int program = __real_bpf_prog_load(type, name, license, code, length, &options);
  const char* line = std::strstr(log.data(), "processed ");  // "processed 853 insns (limit 1000000) ..."
  if (program >= 0 && line != nullptr) {
    (*instructions)[name] = std::strtoul(line + std::strlen("processed "), nullptr, 10);
  }
  return program;
}
}
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)

namespace bindtrace::bench {
namespace {

bool print_instructions(Tier tier, const Object::Settings& settings) {
  std::map<std::string, unsigned long> counted;
  instructions = &counted;
  const auto object = Object::load(tier, settings);
  instructions = nullptr;
  if (!object) {
    fmt::print(stderr, "{} left out: {}\n", to_string(tier), object.error().message);
    return false;
  }
  const auto kernel = KernelTypes::load();
  for (const char* name : programs_of(tier, settings.preemptible, *kernel)) {
    fmt::print("program {} {} {}\n", to_string(tier), name, counted.at(name));
  }
  return true;
}

double ms_to_load(Tier tier, const Object::Settings& settings) {
  const auto start = std::chrono::steady_clock::now();
  if (const auto object = Object::load(tier, settings); !object) {
    throw std::runtime_error(object.error().message);
  }
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

void measure(const std::string& program, Tier tier, bool preemptible, int runs) {
  const Object::Settings settings{.variant = variant_of_this_kernel(),
                                  .preemptible = preemptible && tier != Tier::kKprobe,
                                  .ring_bytes = 4U << 20U};
  if (!print_instructions(tier, settings)) {
    return;
  }
  std::vector<double> to_load;
  std::vector<double> to_ready;
  try {
    for (int run = 0; run < runs; run++) {
      to_load.push_back(ms_to_load(tier, settings));
      to_ready.push_back(TracerProcess(program, {"--attach=" + std::string(to_string(tier))}).seconds_to_ready() * 1e3);
    }
  } catch (const std::exception& error) {
    fmt::print(stderr, "{} loads, but: {}\n", to_string(tier), error.what());
    return;
  }
  fmt::print("load {} {:.0f}\nready {} {:.0f}\n", to_string(tier), median(to_load), to_string(tier), median(to_ready));
}

void run(const std::string& program, int runs) {
  utsname kernel{};
  ::uname(&kernel);
  const bool preemptible = programs_may_be_preempted(preemption_sources());
  fmt::print("kernel {} {}\n", static_cast<const char*>(kernel.release), preemptible ? "preemptible" : "");
  for (const Tier tier : tiers(preemptible)) {
    measure(program, tier, preemptible, runs);
  }
}

}  // namespace
}  // namespace bindtrace::bench

int main(int argc, char** argv) {
  const int runs = argc == 3 ? std::atoi(argv[2]) : 0;
  if (runs <= 0) {
    fmt::print(stderr, "usage: bindtrace_load_cost BINDTRACE RUNS\n");
    return 2;
  }
  libbpf_set_print(nullptr);
  return bindtrace::bench::run_bench("bindtrace_load_cost", [&] { bindtrace::bench::run(argv[1], runs); });
}
