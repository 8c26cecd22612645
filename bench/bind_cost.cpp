// SPDX-License-Identifier: Apache-2.0
// bindtrace_bench BINDTRACE: what a traced machine pays. The same calls with nothing attached and with each tier that
// starts here, in turn, round by round; medians and ratios to the untraced rounds of the same run.
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

void bind_and_close(int type) {
  const int fd = ::socket(AF_INET, type, 0);
  bind_to(fd, loopback(0));
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

// The tracer for one setting: none for "nothing".
std::unique_ptr<TracerProcess> start(const std::string& program, const std::string& setting) {
  return setting == "nothing" ? nullptr : std::make_unique<TracerProcess>(program, setting);
}

std::vector<std::string> settings_that_work(const std::string& program) {
  std::vector<std::string> settings{"nothing"};
  for (const char* tier : {"fexit", "kprobe", "tracepoint"}) {
    try {
      const TracerProcess tracer(program, tier);
      fmt::print("tier {}: ready after {:.0f} ms\n", tier, tracer.seconds_to_ready() * 1e3);
      settings.emplace_back(tier);
    } catch (const std::exception& error) {
      fmt::print("{}: left out\n", error.what());
    }
  }
  return settings;
}

void run(const std::string& program) {
  const int holder = ::socket(AF_INET, SOCK_DGRAM, 0);
  const int victim = ::socket(AF_INET, SOCK_DGRAM, 0);
  bind_to(holder, loopback(kPort));
  const std::vector<Work> works = {
      {"tcp socket+bind+close", 50'000, [] { bind_and_close(SOCK_STREAM); }},
      {"udp socket+bind+close", 50'000, [] { bind_and_close(SOCK_DGRAM); }},
      {"another call (getppid)", 500'000, [] { ::syscall(SYS_getppid); }},
      {"udp bind that fails", 2'000, [victim] { bind_to(victim, loopback(kPort)); }},
  };
  const auto settings = settings_that_work(program);
  std::map<std::pair<std::string, std::string>, std::vector<double>> samples;
  for (int round = 0; round < kRounds; ++round) {
    for (const std::string& setting : settings) {
      const auto tracer = start(program, setting);
      for (const Work& work : works) {
        samples[{setting, work.name}].push_back(ns_per_call(work));
      }
    }
  }
  fmt::print("\n{:24}{:>12}{:>12}{:>10}   median of {} rounds\n", "", "attached", "ns a call", "ratio", kRounds);
  for (const Work& work : works) {
    const double untraced = median(samples[{"nothing", work.name}]);
    for (const std::string& setting : settings) {
      const double ns = median(samples[{setting, work.name}]);
      fmt::print("{:24}{:>12}{:>12.0f}{:>10.3f}\n", work.name, setting, ns, ns / untraced);
    }
  }
  ::close(victim);
  ::close(holder);
}

}  // namespace
}  // namespace bindtrace::bench

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: bindtrace_bench BINDTRACE\n");
    return 2;
  }
  try {
    bindtrace::bench::run(argv[1]);
  } catch (const std::exception& error) {
    fmt::print(stderr, "bindtrace_bench: {}\n", error.what());
    return 1;
  }
  return 0;
}
