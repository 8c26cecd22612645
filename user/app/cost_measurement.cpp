// SPDX-License-Identifier: Apache-2.0
#include "app/cost_measurement.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/unique_fd.h"

namespace bindtrace {
namespace {

using Clock = std::chrono::steady_clock;

constexpr unsigned kMostRounds = 5;
constexpr int kSamplesPerRound = 40;
constexpr std::chrono::milliseconds kTimeLimit{600};  // no round begins later

Result<void> bind_to(int fd, std::uint16_t port_be) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = port_be;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return fail_errno(errno, "bind a tcp socket to a free port of 127.0.0.1");
  }
  return {};
}

// In network order; free when it is given.
Result<std::uint16_t> free_port() {
  const UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.valid()) {
    return fail_errno(errno, "make a tcp socket");
  }
  if (auto bound = bind_to(socket.get(), 0); !bound) {
    return tl::unexpected(bound.error());
  }
  sockaddr_in address{};
  socklen_t length = sizeof address;
  ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &length);
  return address.sin_port;
}

double ns_per_call(Clock::time_point start, int calls) {
  return std::chrono::duration<double, std::nano>(Clock::now() - start).count() / calls;
}

// A new port for each sample: should another process take one in between, only that sample is lost.
Result<double> sample_bind(int calls) {
  constexpr int kTrials = 3;
  for (int trial = 1;; ++trial) {
    const auto port = free_port();
    if (!port) {
      return tl::unexpected(port.error());
    }
    Result<void> bound;
    const auto start = Clock::now();
    for (int i = 0; i < calls && bound; ++i) {
      const UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
      bound = bind_to(socket.get(), *port);
    }
    if (bound) {
      return ns_per_call(start, calls);
    }
    if (trial == kTrials) {
      return tl::unexpected(bound.error());
    }
  }
}

Result<double> sample_other(int calls) {
  const auto start = Clock::now();
  for (int i = 0; i < calls; ++i) {
    ::syscall(SYS_getppid);
  }
  return ns_per_call(start, calls);
}

struct Work {
  const char* name;
  int calls;  // a sample
  Result<double> (*sample)(int calls);
};
// Short samples: few of them meet an interruption.
constexpr std::array kWorks{Work{"tcp: socket, bind, close", 20, sample_bind},
                            Work{"any other call (getppid)", 400, sample_other}};

using SamplesOfWorks = std::array<Samples, kWorks.size()>;

Result<void> take_samples(SamplesOfWorks& samples, std::vector<double> Samples::*kind) {
  for (std::size_t work = 0; work < kWorks.size(); ++work) {
    for (int i = 0; i <= kSamplesPerRound; ++i) {
      const auto sample = kWorks[work].sample(kWorks[work].calls);
      if (!sample) {
        return tl::unexpected(sample.error());
      }
      if (i > 0) {  // the first one warms up
        (samples[work].*kind).push_back(*sample);
      }
    }
  }
  return {};
}

}  // namespace

Result<Cost> measure_cost(Probe& probe) {
  SamplesOfWorks samples;
  Cost cost;
  const auto start = Clock::now();
  do {
    if (auto done = take_samples(samples, &Samples::traced_ns); !done) {
      return tl::unexpected(done.error());
    }
    probe.stop();
    if (auto done = take_samples(samples, &Samples::untraced_ns); !done) {
      return tl::unexpected(done.error());
    }
    cost.rounds++;
  } while (cost.rounds < kMostRounds && Clock::now() - start < kTimeLimit && probe.resume());
  probe.stop();
  for (std::size_t work = 0; work < kWorks.size(); ++work) {
    cost.calls.push_back(
        compare(kWorks[work].name, static_cast<std::uint64_t>(kWorks[work].calls), std::move(samples[work])));
  }
  return cost;
}

}  // namespace bindtrace
