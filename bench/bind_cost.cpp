// SPDX-License-Identifier: Apache-2.0
// bindtrace_bench BINDTRACE [ROUNDS]: what a traced machine pays. The same calls with nothing attached and with each
// tier that starts here, in turn, round by round; medians and ratios to the untraced rounds of the same run. In a guest
// whose clock counts instructions (tests/vm/run-guest --icount) a nanosecond is one of them, and one round is enough.
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tracer_process.h"

namespace bindtrace::bench {
namespace {

constexpr int kRounds = 7;
constexpr std::uint16_t kPort = 45998;
constexpr std::uint16_t kFreePort = 45999;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int bind_to(int fd, const sockaddr_in& address) {
  return ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

void bind_and_close(int type, std::uint16_t port) {
  const int fd = ::socket(AF_INET, type, 0);
  bind_to(fd, loopback(port));
  ::close(fd);
}

struct Work {
  const char* name;
  int calls;
  std::function<void()> call;
};

double ns_per_call(const Work& work) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < work.calls; ++i) {
    work.call();
  }
  return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count() / work.calls;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Setting {
  std::string name;
  std::vector<std::string> options;  // of the tracer; empty: there is none
};

std::unique_ptr<TracerProcess> start(const std::string& program, const Setting& setting) {
  return setting.options.empty() ? nullptr : std::make_unique<TracerProcess>(program, setting.options);
}

std::vector<Setting> settings_that_work(const std::string& program) {
  std::vector<Setting> settings{{"nothing", {}}};
  for (const std::string tier : {"fexit", "kprobe", "tracepoint"}) {
    const std::string attach = "--attach=" + tier;
    try {
      const TracerProcess tracer(program, {attach});
      fmt::print("tier {}: ready after {:.0f} ms\n", tier, tracer.seconds_to_ready() * 1e3);
      settings.push_back({tier, {attach}});
      settings.push_back({tier + ", no bound-by", {attach, "--no-bound-by"}});
    } catch (const std::exception& error) {
      fmt::print("{}: left out\n", error.what());
    }
  }
  return settings;
}

void run(const std::string& program, int rounds) {
  const int holder = ::socket(AF_INET, SOCK_DGRAM, 0);
  const int victim = ::socket(AF_INET, SOCK_DGRAM, 0);
  bind_to(holder, loopback(kPort));
  const std::vector<Work> works = {
      {"tcp socket+bind+close", 50'000, [] { bind_and_close(SOCK_STREAM, kFreePort); }},
      {"udp socket+bind+close", 50'000, [] { bind_and_close(SOCK_DGRAM, kFreePort); }},
      {"tcp, to port 0", 50'000, [] { bind_and_close(SOCK_STREAM, 0); }},
      {"another call (getppid)", 500'000, [] { ::syscall(SYS_getppid); }},
      {"another that returns 0", 500'000, [] { ::fcntl(STDIN_FILENO, F_GETFD); }},
      {"udp bind that fails", 2'000, [victim] { bind_to(victim, loopback(kPort)); }},
  };
  const std::vector<Setting> settings = settings_that_work(program);
  std::map<std::pair<std::string, std::string>, std::vector<double>> samples;
  for (int round = 0; round < rounds; ++round) {
    for (const Setting& setting : settings) {
      const auto tracer = start(program, setting);
      for (const Work& work : works) {
        samples[{setting.name, work.name}].push_back(ns_per_call(work));
      }
    }
  }
  fmt::print("\n{:24}{:>24}{:>12}{:>10}   median of {} rounds\n", "", "attached", "ns a call", "ratio", rounds);
  for (const Work& work : works) {
    const double untraced = median(samples[{"nothing", work.name}]);
    for (const Setting& setting : settings) {
      const double ns = median(samples[{setting.name, work.name}]);
      fmt::print("{:24}{:>24}{:>12.0f}{:>10.3f}\n", work.name, setting.name, ns, ns / untraced);
    }
  }
  ::close(victim);
  ::close(holder);
}

}  // namespace
}  // namespace bindtrace::bench

int main(int argc, char** argv) {
  const int rounds = argc == 3 ? std::atoi(argv[2]) : bindtrace::bench::kRounds;
  if (argc < 2 || argc > 3 || rounds < 1) {
    fmt::print(stderr, "usage: bindtrace_bench BINDTRACE [ROUNDS]\n");
    return 2;
  }
  try {
    bindtrace::bench::run(argv[1], rounds);
  } catch (const std::exception& error) {
    fmt::print(stderr, "bindtrace_bench: {}\n", error.what());
    return 1;
  }
  return 0;
}
