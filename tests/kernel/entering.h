// SPDX-License-Identifier: Apache-2.0
// A tracer inside a network namespace, or one that sees a name of it.
#pragma once

#include <memory>
#include <string>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fd.h"
#include "netns.h"
#include "sockets.h"
#include "tracer.h"

namespace bindtrace {

// A high descriptor: low ones are the tracer's own.
inline std::shared_ptr<Fd> high_fd(const Netns& netns) {
  constexpr int kHigh = 64;
  return std::make_shared<Fd>(fcntl(netns.fd(), F_DUPFD_CLOEXEC, kHigh));
}

// Makes the tracer's process enter `netns`.
inline BeforeExec entering(const Netns& netns) {
  const auto fd = high_fd(netns);
  return [fd] { must(setns(fd->get(), CLONE_NEWNET) == 0, "setns"); };
}

inline constexpr char kNetnsName[] = "bt-blue";

// Names `netns` as `ip netns` does, where the tracer alone sees it.
inline BeforeExec naming(const Netns& netns) {
  const auto fd = high_fd(netns);
  return [fd] {
    const std::string file = std::string("/run/netns/") + kNetnsName;
    must(unshare(CLONE_NEWNS) == 0, "unshare(CLONE_NEWNS)");
    must(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "make mounts private");
    mkdir("/run", 0755);
    must(mount("tmpfs", "/run", "tmpfs", 0, nullptr) == 0 && mkdir("/run/netns", 0755) == 0, "make /run/netns");
    must(close(creat(file.c_str(), 0444)) == 0, file.c_str());
    must(mount(("/proc/self/fd/" + std::to_string(fd->get())).c_str(), file.c_str(), nullptr, MS_BIND, nullptr) == 0,
         file.c_str());
  };
}

}  // namespace bindtrace
