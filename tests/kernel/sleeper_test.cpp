// SPDX-License-Identifier: Apache-2.0
// Many calls that sleep inside the kernel's bind at once: more than a kretprobe has instances for.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "tier_test.h"

namespace bindtrace {
namespace {

// Memory whose pages never arrive: whoever reads it, the kernel too, sleeps until it is destroyed.
class Quicksand {
 public:
  explicit Quicksand(size_t pages) : size_(pages * kPage) {
    uffd_ = Fd(static_cast<int>(syscall(SYS_userfaultfd, O_CLOEXEC)));
    must(uffd_.open(), "userfaultfd");
    uffdio_api api{.api = UFFD_API, .features = 0, .ioctls = 0};
    must(ioctl(uffd_.get(), UFFDIO_API, &api) == 0, "UFFDIO_API");
    memory_ = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    must(memory_ != MAP_FAILED, "mmap");
    uffdio_register range{
        .range = {reinterpret_cast<uint64_t>(memory_), size_}, .mode = UFFDIO_REGISTER_MODE_MISSING, .ioctls = 0};
    must(ioctl(uffd_.get(), UFFDIO_REGISTER, &range) == 0, "UFFDIO_REGISTER");
  }

  [[nodiscard]] const sockaddr* page(size_t n) const {
    return reinterpret_cast<const sockaddr*>(static_cast<char*>(memory_) + n * kPage);
  }
  void wait_for_sleeper() const {
    uffd_msg message{};
    must(read(uffd_.get(), &message, sizeof message) == sizeof message, "read userfaultfd");
  }
  void let_go() { uffd_.close(); }

 private:
  static constexpr size_t kPage = 4096;
  size_t size_;
  Fd uffd_;
  void* memory_ = nullptr;
};

size_t more_than_kretprobe_instances() {
  return static_cast<size_t>(std::max(10L, 2 * sysconf(_SC_NPROCESSORS_CONF))) + 50;
}

void sleep_in_bind(const Line& line) {
  const size_t count = more_than_kretprobe_instances();
  Quicksand sand(count);
  std::vector<std::thread> sleepers;
  for (size_t n = 0; n < count; n++) {
    sleepers.emplace_back([page = sand.page(n)] {
      const Fd socket(::socket(AF_INET, SOCK_STREAM, 0));
      (void)::bind(socket.get(), page, sizeof(sockaddr_in));  // of zeros, once it can be read
    });
    sand.wait_for_sleeper();
  }
  line.tell(count);
  line.wait_for_release();
  sand.let_go();
  for (std::thread& sleeper : sleepers) {
    sleeper.join();
  }
}

class Sleepers : public TierTest {};

TEST_P(Sleepers, HideNoFailureAndWhatTheKernelSkippedIsCounted) {
  Tracer own(tier());
  const Request request{Transport::kTcp, {"127.0.0.1", 12001}, {}};
  const Holder holder = hold(netns(), request);
  Child sleeping(netns(), "bt-sleepers", sleep_in_bind);
  const auto asleep = sleeping.hear<size_t>();

  const Victim victim = fail_to_bind(netns(), request);
  const Record record = TierTest::only_conflict_of(own, victim);
  sleeping.release();
  EXPECT_EQ(sleeping.join(), 0);
  own.stop(SIGINT);
  const nlohmann::json missed = own.last_record().at("bindtrace.missed");
  std::printf("%zu calls slept, the kernel skipped %s\n", asleep, missed.dump().c_str());

  expect_endpoint(record, "tcp", request.endpoint);
  expect_holder(record, holder.held, "bt-holder");
  if (tier() == "kprobe") {
    EXPECT_GE(missed, 50) << own.last_record().text();
  }
}

BINDTRACE_ON_EVERY_TIER(Sleepers);

}  // namespace
}  // namespace bindtrace
