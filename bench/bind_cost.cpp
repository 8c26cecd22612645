// SPDX-License-Identifier: Apache-2.0
// bindtrace_bind_cost BINDTRACE ROUNDS CALLS SETTING...: what calls that do not fail pay for being watched. The same
// CALLS under each setting (settings.h) in turn, round by round; in lines of words:
//
//   left-out SETTING REASON   it does not work here
//   ready SETTING MS          from its start until it watches; median of ROUNDS
//   cost SETTING CALL NS      a call; median of ROUNDS
//
// In a guest whose clock counts instructions (tests/vm/run-guest --icount) a nanosecond is one of them, and one round
// is enough. `bindtrace_bind_cost --measure CALLS` is the process that calls.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/unique_fd.h"
#include "calls.h"
#include "child.h"
#include "onlooker.h"
#include "run_bench.h"
#include "settings.h"
#include "statistics.h"
#include "tracer_process.h"

namespace bindtrace::bench {
namespace {

constexpr std::uint16_t kFreePort = 45999;
constexpr int kShort = 10;                               // as many calls that are short, to be as exact
constexpr int kWrapped = 10;                             // as few under a wrapper, which takes longer
constexpr auto kBreak = std::chrono::milliseconds(200);  // for a tracer to write what it has seen

using Samples = std::map<std::string, std::vector<double>>;  // by call

void measure(int calls) {
  leave_network_namespace();
  const auto print = [](const char* name, int times, const std::function<void()>& call) {
    std::this_thread::sleep_for(kBreak);
    const FirstInLine first;
    ns_per_call(times / kShort, call);  // unmeasured, for the caches
    fmt::print("{} {:.1f}\n", name, ns_per_call(times, call));
  };
  print("tcp", calls, [] { bind_and_close(SOCK_STREAM, kFreePort); });
  print("udp", calls, [] { bind_and_close(SOCK_DGRAM, kFreePort); });
  print("tcp-to-port-0", calls, [] { bind_and_close(SOCK_STREAM, 0); });
  print("getppid", calls * kShort, [] { ::syscall(SYS_getppid); });
  print("fcntl", calls * kShort, [] { ::fcntl(STDIN_FILENO, F_GETFD); });
  for (const int ignored : {SIGUSR1, SIGTERM, SIGINT}) {
    std::signal(ignored, SIG_IGN);
  }
  print("signal", calls, [] { ::kill(::getpid(), SIGUSR1); });
  bool odd = false;  // of equal ones in a row only the first is recorded
  print("stop-signal", calls, [&odd] { ::kill(::getpid(), (odd = !odd) ? SIGTERM : SIGINT); });
}

struct Watcher {
  std::unique_ptr<TracerProcess> tracer;
  std::unique_ptr<Onlooker> onlooker;
  std::vector<std::string> prefix;
};

Watcher start(const std::string& program, const Setting& setting) {
  Watcher watcher;
  switch (setting.watch) {
    case Watch::kNothing:
      break;
    case Watch::kBindtrace:
      watcher.tracer = std::make_unique<TracerProcess>(program, setting.words);
      break;
    case Watch::kOnlooker:
      watcher.onlooker = std::make_unique<Onlooker>(setting.words);
      break;
    case Watch::kWrapper:
      watcher.prefix = setting.words;
      break;
  }
  return watcher;
}

// Runs `--measure` behind the prefix.
void sample(const std::vector<std::string>& prefix, int calls, Samples& samples) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw std::runtime_error("cannot make a pipe");
  }
  UniqueFd theirs(ends[1]);
  const std::unique_ptr<FILE, int (*)(FILE*)> words(::fdopen(ends[0], "r"), std::fclose);
  std::vector<std::string> command = prefix;
  command.insert(command.end(), {std::filesystem::read_symlink("/proc/self/exe"), "--measure", std::to_string(calls)});
  Child child(command, theirs.get());
  theirs.reset();
  std::array<char, 32> name{};
  double ns = 0;
  while (std::fscanf(words.get(), "%31s %lf", name.data(), &ns) == 2) {
    samples[name.data()].push_back(ns);
  }
  if (child.wait() != 0) {
    throw std::runtime_error("the process that calls has failed");
  }
}

void run(const std::string& program, int rounds, int calls, const std::set<std::string>& wanted) {
  std::map<std::string, Samples> samples;
  std::map<std::string, std::vector<double>> ms_to_ready;
  std::set<std::string> left_out;
  for (int round = 0; round < rounds; round++) {
    for (const Setting& setting : all_settings()) {
      if (!wanted.contains(setting.name) || left_out.contains(setting.name)) {
        continue;
      }
      try {
        const Watcher watcher = start(program, setting);
        sample(watcher.prefix, watcher.prefix.empty() ? calls : calls / kWrapped, samples[setting.name]);
        if (watcher.tracer) {
          ms_to_ready[setting.name].push_back(watcher.tracer->seconds_to_ready() * 1e3);
        }
      } catch (const std::exception& error) {
        left_out.insert(setting.name);
        fmt::print("left-out {} {}\n", setting.name, error.what());
      }
    }
  }
  for (const auto& [setting, ms] : ms_to_ready) {
    fmt::print("ready {} {:.1f}\n", setting, median(ms));
  }
  for (const auto& [setting, of_setting] : samples) {
    for (const auto& [call, ns] : of_setting) {
      fmt::print("cost {} {} {:.1f}\n", setting, call, median(ns));
    }
  }
}

}  // namespace
}  // namespace bindtrace::bench

int main(int argc, char** argv) {
  constexpr const char* kName = "bindtrace_bind_cost";
  if (argc == 3 && std::string_view(argv[1]) == "--measure") {
    return bindtrace::bench::run_bench(kName, [&] { bindtrace::bench::measure(std::atoi(argv[2])); });
  }
  if (argc < 5 || std::atoi(argv[2]) < 1 || std::atoi(argv[3]) < 1) {
    std::fputs("usage: bindtrace_bind_cost BINDTRACE ROUNDS CALLS SETTING...\n", stderr);
    return 2;
  }
  return bindtrace::bench::run_bench(kName, [&] {
    bindtrace::bench::run(argv[1], std::atoi(argv[2]), std::atoi(argv[3]), {argv + 4, argv + argc});
  });
}
