// SPDX-License-Identifier: Apache-2.0
#include "io_uring.h"

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace bindtrace {
namespace {

// Newer than Debian 12's headers.
constexpr uint8_t kOpBind = 56;                  // IORING_OP_BIND, Linux 6.11
constexpr uint8_t kOpListen = 57;                // IORING_OP_LISTEN, Linux 6.11
constexpr uint32_t kSetupNoSqarray = 1U << 16U;  // IORING_SETUP_NO_SQARRAY, Linux 6.6

constexpr uint32_t kBacklog = 16;

int setup(io_uring_params& params) {
  return static_cast<int>(syscall(SYS_io_uring_setup, 1U, &params));
}

// The thread of this process that io_uring made and named "iou-wrk-PID" or "iou-sqp-PID".
pid_t ring_thread() {
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::string comm;
    std::getline(std::ifstream(task.path() / "comm"), comm);
    if (comm.starts_with("iou-")) {
      return std::stoi(task.path().filename());
    }
  }
  errno = ESRCH;
  must(false, "find the thread of io_uring");
  return 0;
}

void* map(int ring, size_t size, off_t what) {
  void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, what);
  must(memory != MAP_FAILED, "mmap the ring");
  return memory;
}

// Its memory stays mapped: a process of a scenario makes one or two of these in its life.
RingAnswer submit(io_uring_sqe request, Submission submission) {
  io_uring_params params{};
  params.flags = kSetupNoSqarray | (submission == Submission::kSqpoll ? IORING_SETUP_SQPOLL : 0U);
  const Fd ring(setup(params));
  must(ring.open(), "io_uring_setup");
  auto* queues = static_cast<char*>(
      map(ring.get(), params.cq_off.cqes + params.cq_entries * sizeof(io_uring_cqe), IORING_OFF_SQ_RING));
  auto* requests = static_cast<io_uring_sqe*>(map(ring.get(), sizeof(io_uring_sqe), IORING_OFF_SQES));

  request.flags = submission == Submission::kAsync ? IOSQE_ASYNC : 0;
  requests[0] = request;
  std::atomic_ref(*reinterpret_cast<uint32_t*>(queues + params.sq_off.tail)).store(1, std::memory_order_release);
  const uint32_t flags =
      IORING_ENTER_GETEVENTS | (submission == Submission::kSqpoll ? IORING_ENTER_SQ_WAKEUP : uint32_t{0});
  must(syscall(SYS_io_uring_enter, ring.get(), 1U, 1U, flags, nullptr, 0) >= 0, "io_uring_enter");
  must(std::atomic_ref(*reinterpret_cast<uint32_t*>(queues + params.cq_off.tail)).load(std::memory_order_acquire) == 1,
       "io_uring completed nothing");

  const auto* answer = reinterpret_cast<const io_uring_cqe*>(queues + params.cq_off.cqes);
  return {-answer->res, submission == Submission::kInline ? gettid() : ring_thread()};
}

}  // namespace

RingAnswer ring_bind(int fd, const SocketAddress& address, Submission submission) {
  io_uring_sqe request{};
  request.opcode = kOpBind;
  request.fd = fd;
  request.addr = reinterpret_cast<uintptr_t>(address.get());
  request.addr2 = address.length;
  return submit(request, submission);
}

RingAnswer ring_listen(int fd, Submission submission) {
  io_uring_sqe request{};
  request.opcode = kOpListen;
  request.fd = fd;
  request.len = kBacklog;
  return submit(request, submission);
}

int try_ring_bind() {
  constexpr unsigned int kOperations = kOpListen + 1;
  std::vector<char> bytes(sizeof(io_uring_probe) + kOperations * sizeof(io_uring_probe_op));
  auto* probe = reinterpret_cast<io_uring_probe*>(bytes.data());
  io_uring_params params{};
  const Fd ring(setup(params));
  if (!ring.open() || syscall(SYS_io_uring_register, ring.get(), IORING_REGISTER_PROBE, probe, kOperations) != 0) {
    return errno;
  }
  const auto supported = [&](uint8_t operation) {
    return operation < probe->ops_len && (probe->ops[operation].flags & IO_URING_OP_SUPPORTED) != 0;
  };
  return supported(kOpBind) && supported(kOpListen) ? 0 : EOPNOTSUPP;
}

}  // namespace bindtrace
