// SPDX-License-Identifier: Apache-2.0
// Addresses that are no IP addresses: Unix paths and names, netlink port ids, vsock ports.
#include <filesystem>
#include <string>

#include <linux/vm_sockets.h>
#include <unistd.h>

#include "features.h"
#include "local_sockets.h"
#include "tier_test.h"

namespace bindtrace {
namespace {

class LocalTest : public SharedTracerTest {
 protected:
  void expect_holder_or_reason_at(const LocalEndpoint& endpoint, const std::string& transport,
                                  const std::string& address) {
    const Holder holder = hold(netns(), endpoint);

    const Record record = expect_failure_at(endpoint, transport, address);

    expect_holder_or_reason(record, holder.held);
  }

  Record expect_failure_at(const LocalEndpoint& endpoint, const std::string& transport, const std::string& address) {
    const Victim victim = fail_to_bind(netns(), endpoint);

    Record record = only_conflict_of(victim);

    expect_call(record, "bind", "syscall");
    expect_local_endpoint(record, transport, address);
    expect_victim(record, victim, "bt-victim");
    return record;
  }
};

class UnixSocket : public LocalTest {
 protected:
  ~UnixSocket() override {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_ = "/tmp/bt-socket-" + std::to_string(getpid());
};

class Netlink : public LocalTest {};
class Vsock : public LocalTest {};
class VsockLoopback : public LocalTest {};

TEST_P(UnixSocket, APathThatAnotherListensOn) {
  expect_holder_or_reason_at(unix_path(path()), "unix", path());
}

TEST_P(UnixSocket, AnAbstractNameThatAnotherListensOn) {
  expect_holder_or_reason_at(unix_name("bt-name"), "unix", "@bt-name");
}

TEST_P(UnixSocket, APathThatADeadProcessLeft) {
  { const Holder dead = hold(netns(), unix_path(path())); }

  const Record record = expect_failure_at(unix_path(path()), "unix", path());

  EXPECT_TRUE(record.at("bindtrace.holder_reason").is_string()) << record.text();
  EXPECT_TRUE(record.holder().at("pid").is_null()) << record.text();
}

TEST_P(Netlink, APortIdThatAnotherHas) {
  constexpr uint32_t kPortId = 4'000'000'001;
  expect_holder_or_reason_at(netlink_port(kPortId), "netlink", "4000000001");
}

TEST_P(Vsock, APortOfAnyContext) {
  constexpr uint32_t kPort = 4'000'000'002;
  expect_holder_or_reason_at(vsock_port(VMADDR_CID_ANY, kPort), "vsock", "4294967295:4000000002");
}

TEST_P(VsockLoopback, APortOfTheLocalContext) {
  constexpr uint32_t kPort = 65'002;
  expect_holder_or_reason_at(vsock_port(VMADDR_CID_LOCAL, kPort), "vsock", "1:65002");
}

BINDTRACE_ON_EVERY_TIER(UnixSocket);
BINDTRACE_ON_EVERY_TIER(Netlink);
BINDTRACE_ON_EVERY_TIER_WITH("vsock", Vsock);
BINDTRACE_ON_EVERY_TIER_WITH("vsock_loopback", VsockLoopback);

}  // namespace
}  // namespace bindtrace
