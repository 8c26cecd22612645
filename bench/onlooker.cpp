// SPDX-License-Identifier: Apache-2.0
#include "onlooker.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <chrono>
#include <stdexcept>
#include <thread>

#include "calls.h"

namespace bindtrace::bench {
namespace {

constexpr auto kPatience = std::chrono::minutes(10);  // bcc compiles its program first
constexpr auto kPause = std::chrono::milliseconds(100);
constexpr int kBinds = 20;
constexpr off_t kHead = 1000;  // bytes: no heading is that long
constexpr std::uint16_t kPort = 45997;

off_t size_of(const UniqueFd& file) {
  struct stat status {};
  return ::fstat(file.get(), &status) == 0 ? status.st_size : 0;
}

}  // namespace

Onlooker::Onlooker(const std::vector<std::string>& command)
    : output_(::memfd_create("onlooker", MFD_CLOEXEC)), child_(command, output_.get()) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (size_of(output_) < kHead) {
    if (child_.ended() || std::chrono::steady_clock::now() > deadline) {
      throw std::runtime_error(command.front() + " does not tell of binds here");
    }
    for (int i = 0; i < kBinds; i++) {
      bind_and_close(SOCK_STREAM, kPort);
    }
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace bindtrace::bench
