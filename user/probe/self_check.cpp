// SPDX-License-Identifier: Apache-2.0
#include "probe/self_check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string>
#include <vector>

#include "base/self_check_address.h"
#include "base/unique_fd.h"
#include "wire.h"

namespace bindtrace {
namespace {

struct Probe {
  int type;
  std::uint16_t protocol;
  const char* name;
};
constexpr Probe kProbes[] = {{SOCK_STREAM, IPPROTO_TCP, "tcp"}, {SOCK_DGRAM, IPPROTO_UDP, "udp"}};

constexpr std::chrono::milliseconds kPatience{500};
constexpr std::chrono::milliseconds kLook{2};  // the kernel side does not wake us for each record (bpf/ring.bpf.h)

// What came back of one provoked failure.
struct Seen {
  int failures = 0;
  int owners = 0;
};

sockaddr_in check_address(std::uint16_t port_be) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = port_be;
  std::memcpy(&address.sin_addr, kSelfCheckAddress.data(), sizeof address.sin_addr);
  return address;
}

int bind_to(int fd, const sockaddr_in& address) {
  return ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

// Two sockets, the second of which is refused the address of the first.
Result<void> provoke(const Probe& probe) {
  const UniqueFd holder(::socket(AF_INET, probe.type | SOCK_CLOEXEC, 0));
  const UniqueFd victim(::socket(AF_INET, probe.type | SOCK_CLOEXEC, 0));
  if (!holder.valid() || !victim.valid()) {
    return fail_errno(errno, std::string("make a ") + probe.name + " socket");
  }
  if (bind_to(holder.get(), check_address(0)) != 0) {
    return fail_errno(errno, std::string("bind a ") + probe.name + " socket on loopback");
  }
  sockaddr_in bound{};
  socklen_t length = sizeof bound;
  ::getsockname(holder.get(), reinterpret_cast<sockaddr*>(&bound), &length);
  if (bind_to(victim.get(), check_address(bound.sin_port)) == 0 || errno != EADDRINUSE) {
    return fail(ErrorKind::kInternal, std::string("a second ") + probe.name + " bind was not refused");
  }
  return {};
}

// The first `least` bytes must be there: a failure ends with as many holders as it has.
template <typename Record>
bool read_as(std::span<const std::byte> bytes, Record& record, std::size_t least = sizeof(Record)) {
  if (bytes.size() < least) {
    return false;
  }
  std::memcpy(&record, bytes.data(), std::min(bytes.size(), sizeof record));
  return true;
}

void note(std::span<const std::byte> bytes, const Probe& probe, Seen& seen, std::uint64_t& key) {
  bt_head head{};
  bt_failure failure{};
  bt_owner owner{};
  if (!read_as(bytes, head)) {
    return;
  }
  if (head.type == BT_RECORD_FAILURE && read_as(bytes, failure, BT_FAILURE_SIZE(0))) {
    if ((failure.flags & BT_FAIL_SELF) != 0 && failure.request.protocol == probe.protocol) {
      seen.failures++;
      key = head.ktime_ns;
    }
  } else if (head.type == BT_RECORD_OWNER && read_as(bytes, owner)) {
    if (head.ktime_ns == key && owner.task.tgid == head.pid_tgid >> 32) {
      seen.owners++;
    }
  }
}

Result<void> check(Ring& ring, const Probe& probe, EarlyRecords& early) {
  if (auto done = provoke(probe); !done) {
    return done;
  }
  Seen seen;
  std::uint64_t key = 0;
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (seen.failures == 0 || seen.owners == 0) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) {
      break;
    }
    pollfd waiting{ring.poll_fd(), POLLIN, 0};
    ::poll(&waiting, 1, static_cast<int>(std::min(left, kLook).count()));
    auto taken = ring.consume([&](std::span<const std::byte> bytes) {
      note(bytes, probe, seen, key);
      early.emplace_back(bytes.begin(), bytes.end());
    });
    if (!taken) {
      return tl::unexpected(taken.error());
    }
  }
  if (seen.failures == 1 && seen.owners == 1) {
    return {};
  }
  return fail(ErrorKind::kUnsupported, std::string("the self-check saw ") + std::to_string(seen.failures) +
                                           " events and " + std::to_string(seen.owners) + " holders of one " +
                                           probe.name + " failure");
}

}  // namespace

Result<void> self_check(Ring& ring, EarlyRecords& early) {
  for (const Probe& probe : kProbes) {
    if (auto done = check(ring, probe, early); !done) {
      return done;
    }
  }
  return {};
}

}  // namespace bindtrace
