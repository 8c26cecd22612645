// SPDX-License-Identifier: Apache-2.0
// The kernel itself binds a port for a process: that of a vxlan device that is set up.
#include <cerrno>
#include <cstdio>

#include <sys/syscall.h>
#include <unistd.h>

#include "features.h"
#include "link.h"
#include "tier_test.h"

namespace bindtrace {
namespace {

class KernelBind : public SharedTracerTest {};

TEST_P(KernelBind, AVxlanDeviceWhosePortAProcessHas) {
  constexpr char kDevice[] = "bt-vxlan";
  const Endpoint endpoint{"0.0.0.0", 4789};
  const Holder holder = hold(netns(), {Transport::kUdp, endpoint, {}});
  const Victim victim = fail_in(netns(), "bt-victim", [&](const Line& line) {
    errno = make_vxlan(kDevice, endpoint.port);
    must(errno == 0, "make a vxlan device");
    Tried tried;  // of a socket that only the kernel has
    tried.pid = getpid();
    tried.tid = static_cast<pid_t>(syscall(SYS_gettid));
    tried.error = set_link_up(kDevice);
    line.tell(tried);
    line.wait_for_release();
  });
  if (tier() == "tracepoint") {  // no system call fails with it, nor any request of io_uring
    settle(tracer());
    EXPECT_TRUE(tracer().conflicts_of(victim.tried.pid).empty());
    std::puts("[ NO EVENT ] by design");
    return;
  }

  const Record record = only_conflict_of(victim);

  expect_call(record, "bind", "kernel");
  expect_endpoint(record, "udp", endpoint);
  EXPECT_EQ(record.at("process.pid"), victim.tried.pid) << record.text();
  EXPECT_EQ(record.at("process.thread.id"), victim.tried.tid) << record.text();
  EXPECT_EQ(record.at("process.executable.name"), "bt-victim") << record.text();
  expect_holder(record, holder.held, "bt-holder");
}

BINDTRACE_ON_EVERY_TIER_WITH("vxlan", KernelBind);

}  // namespace
}  // namespace bindtrace
