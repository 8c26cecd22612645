// SPDX-License-Identifier: Apache-2.0
#include "compat.h"

#include <cerrno>
#include <cstring>

#include <linux/net.h>
#include <sys/mman.h>
#include <unistd.h>

namespace bindtrace {
namespace {

constexpr int kBacklog = 16;

// Numbers of the i386 table.
constexpr uint32_t kGetpid = 20;
constexpr uint32_t kSocketcall = 102;
constexpr uint32_t kBind = 361;
constexpr uint32_t kListen = 363;

#if defined(__x86_64__)

// int 0x80 takes 32-bit arguments in the registers of i386, also from 64-bit code.
int call(uint32_t number, uint32_t first, uint32_t second, uint32_t third = 0) {
  int result = 0;
  asm volatile("int $0x80"
               : "=a"(result)
               : "a"(number), "b"(first), "c"(second), "d"(third)
               : "memory", "cc", "r8", "r9", "r10", "r11");
  return result;
}

// Where a 32-bit pointer reaches.
class LowMemory {
 public:
  explicit LowMemory(const void* content, size_t size) {
    start_ = mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    must(start_ != MAP_FAILED && size <= kSize, "mmap(MAP_32BIT)");
    std::memcpy(start_, content, size);
  }
  LowMemory(const LowMemory&) = delete;
  LowMemory& operator=(const LowMemory&) = delete;
  ~LowMemory() { munmap(start_, kSize); }

  [[nodiscard]] uint32_t pointer() const { return static_cast<uint32_t>(reinterpret_cast<uintptr_t>(start_)); }

 private:
  static constexpr size_t kSize = 4096;

  void* start_;
};

#else

int call(uint32_t /*number*/, uint32_t /*first*/, uint32_t /*second*/, uint32_t /*third*/ = 0) {
  return -ENOSYS;
}

struct LowMemory {
  LowMemory(const void* /*content*/, size_t /*size*/) {}
  static uint32_t pointer() { return 0; }
};

#endif

int socketcall(uint32_t operation, const uint32_t (&arguments)[3]) {
  const LowMemory memory(arguments, sizeof(arguments));
  return -call(kSocketcall, operation, memory.pointer());
}

}  // namespace

int compat_bind(int fd, const SocketAddress& address) {
  const LowMemory memory(address.get(), address.length);
  return -call(kBind, static_cast<uint32_t>(fd), memory.pointer(), address.length);
}

int compat_listen(int fd) {
  return -call(kListen, static_cast<uint32_t>(fd), kBacklog);
}

int compat_socketcall_bind(int fd, const SocketAddress& address) {
  const LowMemory memory(address.get(), address.length);
  return socketcall(SYS_BIND, {static_cast<uint32_t>(fd), memory.pointer(), address.length});
}

int compat_socketcall_listen(int fd) {
  return socketcall(SYS_LISTEN, {static_cast<uint32_t>(fd), kBacklog, 0});
}

int try_compat() {
  return call(kGetpid, 0, 0) == getpid() ? 0 : ENOSYS;
}

}  // namespace bindtrace
