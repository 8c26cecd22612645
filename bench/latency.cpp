// SPDX-License-Identifier: Apache-2.0
// bindtrace_latency BINDTRACE FAILURES: how soon a failure is explained, and how long the tools take that one would ask
// afterwards. FAILURES binds fail to ports that another process has, two on each port (one after another would be a
// series, see bpf/report.bpf.h) and some milliseconds apart; in lines of words, of the best tier, for each CROWD:
// "quiet", "processes" (500 more of 100 descriptors each), "sockets" (100,000 more that listen):
//
//   latency CROWD line P50 P99 MAX        microseconds from the call until its finished line is read from the pipe
//   latency CROWD observed P50 P99 MAX    the same as the record itself tells: bindtrace.observed_after_us
//   latency CROWD named COUNT             how many of them named the holder
//   latency CROWD unseen COUNT            failures without a record: 0
//   tool CROWD NAME MS                    a whole run that asks for one port; median
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/unique_fd.h"
#include "calls.h"
#include "child.h"
#include "fd_owners.h"
#include "port_holder.h"
#include "run_bench.h"
#include "statistics.h"
#include "tracer_process.h"

namespace bindtrace::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint16_t kFirstPort = 20000;
constexpr auto kPause = std::chrono::milliseconds(23);  // no multiple of a timer's period
constexpr auto kPatience = std::chrono::seconds(2);
constexpr int kToolRuns = 5;

// The lines that a tracer writes, one by one.
class Lines {
 public:
  explicit Lines(UniqueFd pipe) : pipe_(std::move(pipe)) {}

  // Absent: none is finished before the deadline.
  std::optional<std::string> next(Clock::time_point deadline) {
    while (read_.find('\n') == std::string::npos) {
      pollfd readable{pipe_.get(), POLLIN, 0};
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
      std::array<char, 65536> bytes{};
      if (left.count() <= 0 || ::poll(&readable, 1, static_cast<int>(left.count())) <= 0) {
        return std::nullopt;
      }
      const ssize_t size = ::read(pipe_.get(), bytes.data(), bytes.size());
      if (size <= 0) {
        throw std::runtime_error("the tracer has ended");
      }
      read_.append(bytes.data(), static_cast<std::size_t>(size));
    }
    const std::size_t end = read_.find('\n');
    std::string line = read_.substr(0, end);
    read_.erase(0, end + 1);
    return line;
  }

 private:
  UniqueFd pipe_;
  std::string read_;
};

bool tells_of(const nlohmann::json& record, std::uint16_t port) {
  return record["event"]["name"] == "bindtrace.bind.conflict" && record["process"]["pid"] == ::getpid() &&
         record["network"]["local"]["port"] == port;
}

struct Latency {
  double line_us;
  double observed_us;
  bool named;
};

std::optional<Latency> explain(Lines& lines, std::uint16_t port, pid_t holder) {
  const UniqueFd victim(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const auto start = Clock::now();
  bind_to(victim.get(), loopback(port));
  while (const auto line = lines.next(start + kPatience)) {
    const auto end = Clock::now();
    auto record = nlohmann::json::parse(*line);
    if (tells_of(record, port)) {
      return Latency{std::chrono::duration<double, std::micro>(end - start).count(),
                     record["bindtrace"]["observed_after_us"].get<double>(),
                     record["bindtrace"]["holders"][0]["pid"] == holder};
    }
  }
  return std::nullopt;
}

void print(const char* crowd, const char* what, const std::vector<double>& us) {
  fmt::print("latency {} {} {:.0f} {:.0f} {:.0f}\n", crowd, what, median(us), quantile(us, 0.99), quantile(us, 1));
}

double ms_of(const std::vector<std::string>& command) {
  const UniqueFd nowhere(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  std::vector<double> ms;
  for (int i = 0; i < kToolRuns; i++) {
    const auto start = Clock::now();
    Child(command, nowhere.get()).wait();
    ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
  }
  return median(ms);
}

void time_tools(const char* crowd, const std::string& program) {
  const std::string port = std::to_string(kFirstPort);
  fmt::print("tool {} bindtrace-who {:.1f}\n", crowd, ms_of({program, "who", port + "/udp"}));
  fmt::print("tool {} ss {:.1f}\n", crowd, ms_of({"ss", "-anup", "sport = :" + port}));
  fmt::print("tool {} fuser {:.1f}\n", crowd, ms_of({"fuser", "-n", "udp", port}));
  fmt::print("tool {} lsof {:.1f}\n", crowd, ms_of({"lsof", "-nP", "-i", "udp:" + port}));
}

void measure(const char* crowd, const std::string& program, int failures, pid_t holder) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw std::runtime_error("cannot make a pipe");
  }
  Lines lines{UniqueFd(ends[0])};
  UniqueFd theirs(ends[1]);
  const TracerProcess tracer(program, {}, theirs.get());
  theirs.reset();
  std::vector<double> line_us;
  std::vector<double> observed_us;
  int named = 0;
  for (int i = 0; i < failures; i++) {
    std::this_thread::sleep_for(kPause);
    if (const auto latency = explain(lines, static_cast<std::uint16_t>(kFirstPort + i / 2), holder)) {
      line_us.push_back(latency->line_us);
      observed_us.push_back(latency->observed_us);
      named += latency->named ? 1 : 0;
    }
  }
  if (line_us.empty()) {
    throw std::runtime_error("no failure was told of");
  }
  print(crowd, "line", line_us);
  print(crowd, "observed", observed_us);
  fmt::print("latency {} named {}\n", crowd, named);
  fmt::print("latency {} unseen {}\n", crowd, failures - static_cast<int>(line_us.size()));
  time_tools(crowd, program);
}

void run(const std::string& program, int failures) {
  leave_network_namespace();
  const PortHolder holder(kFirstPort, (failures + 1) / 2);
  measure("quiet", program, failures, holder.pid());
  {
    const FdOwners crowd(500, 100);
    measure("processes", program, failures, holder.pid());
  }
  const FdOwners crowd(10, 10'000, FdOwners::Kind::kListeners);
  measure("sockets", program, failures, holder.pid());
}

}  // namespace
}  // namespace bindtrace::bench

int main(int argc, char** argv) {
  const int failures = argc == 3 ? std::atoi(argv[2]) : 0;
  if (failures < 1) {
    std::fputs("usage: bindtrace_latency BINDTRACE FAILURES\n", stderr);
    return 2;
  }
  return bindtrace::bench::run_bench("bindtrace_latency", [&] { bindtrace::bench::run(argv[1], failures); });
}
