// SPDX-License-Identifier: Apache-2.0
// Addresses that are no IP addresses: Unix paths and names, netlink port ids, vsock ports.
#include <sched.h>
#include <filesystem>
#include <fstream>
#include <string>

#include <linux/vm_sockets.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include "features.h"
#include "local_sockets.h"
#include "tier_test.h"

namespace bindtrace {
namespace {

class LocalTest : public SharedTracerTest {
 protected:
  void expect_holder_at(const LocalEndpoint& endpoint, const std::string& transport, const std::string& address) {
    const Holder holder = hold(netns(), endpoint);

    const Record record = expect_failure_at(endpoint, transport, address);

    expect_searched_holder(record, holder.held, "bt-holder");
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

class VsockTest : public LocalTest {
 protected:
  // Modules have no type information before 5.11: where the socket keeps its address is not known.
  void expect_no_types_at(const LocalEndpoint& endpoint, const std::string& address) {
    const Holder holder = hold(netns(), endpoint);

    const Record record = expect_failure_at(endpoint, "vsock", address);

    EXPECT_EQ(record.at("bindtrace.holder_status"), "skipped") << record.text();
    EXPECT_EQ(record.at("bindtrace.holder_reason"),
              "the search for its process failed: this kernel has no type information of its module vsock")
        << record.text();
  }
};
class Vsock : public VsockTest {};
class VsockLoopback : public VsockTest {};

TEST_P(UnixSocket, APathThatAnotherListensOn) {
  expect_holder_at(unix_path(path()), "unix", path());
}

TEST_P(UnixSocket, AnAbstractNameThatAnotherListensOn) {
  expect_holder_at(unix_name("bt-name"), "unix", "@bt-name");
}

TEST_P(UnixSocket, APathThatAnotherHasConnectionsOn) {
  Child server(netns(), "bt-holder", [&](const Line& line) {
    const Fd listener = listen_at(path());
    const Fd client = connect_to(path());
    const Fd connection(accept(listener.get(), nullptr, nullptr));
    line.tell(held_by_me(listener));
    line.wait_for_release();
  });
  const auto held = server.hear<Held>();

  expect_searched_holder(expect_failure_at(unix_path(path()), "unix", path()), held, "bt-holder");
}

TEST_P(UnixSocket, ARelativePath) {
  const Holder holder = hold(netns(), unix_path(path()));
  const std::string name = std::filesystem::path(path()).filename();
  const Victim victim = fail_in(netns(), "bt-victim", [&](const Line& line) {
    must(chdir("/tmp") == 0, "chdir");
    line.tell(bind_and_tell(unix_path(name)));
    line.wait_for_release();
  });

  const Record record = only_conflict_of(victim);

  expect_local_endpoint(record, "unix", name);
  EXPECT_EQ(record.holder().at("pid"), holder.held.pid) << record.text();
  EXPECT_EQ(record.holder().at("socket.inode"), holder.held.inode) << record.text();
}

// The same name is another file there.
TEST_P(UnixSocket, APathInAnotherMountNamespace) {
  const std::string directory = path() + ".d";
  std::filesystem::create_directory(directory);
  const std::string inside = directory + "/socket";
  const Holder other = hold(netns(), unix_path(inside));
  const Victim victim = fail_in(netns(), "bt-victim", [&](const Line& line) {
    must(unshare(CLONE_NEWNS) == 0 && mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "unshare");
    must(mount("none", directory.c_str(), "tmpfs", 0, nullptr) == 0, "mount");
    const Fd own = listen_at(inside);
    line.tell(bind_and_tell(unix_path(inside)));
    line.wait_for_release();
  });

  const Record record = only_conflict_of(victim);

  std::filesystem::remove_all(directory);
  EXPECT_EQ(record.at("bindtrace.holder_status"), "found") << record.text();
  EXPECT_EQ(record.holders().size(), 1U) << record.text();
  EXPECT_EQ(record.holder().at("pid"), victim.tried.pid) << record.text();
  EXPECT_EQ(record.at("bindtrace.cause"), "same_process") << record.text();
}

TEST_P(UnixSocket, APathOfAVictimThatIsGoneAtOnce) {
  const Holder holder = hold(netns(), unix_path(path()));
  for (int i = 0; i < 10; ++i) {
    const Victim victim =
        fail_in(netns(), "bt-victim", [&](const Line& line) { line.tell(bind_and_tell(unix_path(path()))); });

    expect_searched_holder(only_conflict_of(victim), holder.held, "bt-holder");
  }
}

TEST_P(UnixSocket, APathThatADeadProcessLeft) {
  { const Holder dead = hold(netns(), unix_path(path())); }

  const Record record = expect_failure_at(unix_path(path()), "unix", path());

  EXPECT_EQ(record.at("bindtrace.holder_status"), "none") << record.text();
  EXPECT_EQ(record.at("bindtrace.cause"), "stale_socket_file") << record.text();
  EXPECT_EQ(record.at("bindtrace.certainty"), "certain") << record.text();
  EXPECT_TRUE(record.holders().empty()) << record.text();
}

TEST_P(UnixSocket, APathWithARegularFile) {
  { const std::ofstream file(path()); }

  const Record record = expect_failure_at(unix_path(path()), "unix", path());

  EXPECT_EQ(record.at("bindtrace.holder_status"), "none") << record.text();
  EXPECT_EQ(record.at("bindtrace.cause"), "stale_socket_file") << record.text();
  EXPECT_EQ(record.at("bindtrace.evidence").at(0), path() + " is a regular file") << record.text();
}

TEST_P(Netlink, APortIdThatAnotherHas) {
  constexpr uint32_t kPortId = 4'000'000'001;
  expect_holder_at(netlink_port(kPortId), "netlink", "4000000001");
}

TEST_P(Vsock, APortOfAnyContext) {
  constexpr uint32_t kPort = 4'000'000'002;
  if (kernel_has_bpf_loop()) {
    expect_holder_at(vsock_port(VMADDR_CID_ANY, kPort), "vsock", "4294967295:4000000002");
  } else {
    expect_no_types_at(vsock_port(VMADDR_CID_ANY, kPort), "4294967295:4000000002");
  }
}

TEST_P(VsockLoopback, APortOfTheLocalContext) {
  constexpr uint32_t kPort = 65'002;
  if (kernel_has_bpf_loop()) {
    expect_holder_at(vsock_port(VMADDR_CID_LOCAL, kPort), "vsock", "1:65002");
  } else {
    expect_no_types_at(vsock_port(VMADDR_CID_LOCAL, kPort), "1:65002");
  }
}

BINDTRACE_ON_EVERY_TIER(UnixSocket);
BINDTRACE_ON_EVERY_TIER(Netlink);
BINDTRACE_ON_EVERY_TIER_WITH("vsock", Vsock);
BINDTRACE_ON_EVERY_TIER_WITH("vsock_loopback", VsockLoopback);

}  // namespace
}  // namespace bindtrace
