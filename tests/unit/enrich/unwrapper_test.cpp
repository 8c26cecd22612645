// SPDX-License-Identifier: Apache-2.0
#include "enrich/unwrapper.h"

#include <sys/stat.h>

#include <string>

#include <gtest/gtest.h>

#include "enrich/proxy_arguments.h"
#include "incidents.h"
#include "proc_tree.h"

namespace bindtrace {
namespace {

constexpr std::uint64_t kTickNs = 10'000'000;
constexpr std::uint32_t kHostNetns = 4026531840;
constexpr std::uint32_t kContainerNetns = 4026532100;

const std::string kId(64, 'a');
const std::string kOther(64, 'b');

std::string libpod(const std::string& id) {
  return "0::/machine.slice/libpod-" + id + ".scope\n";
}

class UnwrapperTest : public testing::Test {
 protected:
  // A root process in the host's network namespace that has the listener.
  Holder add(std::uint32_t pid, const std::string& name, const std::vector<std::string>& argv) {
    tree_.add({.pid = pid, .comm = name, .executable = "/usr/bin/" + name, .argv = argv, .netns = kHostNetns});
    Process process = bindtrace::process(pid, name, "/usr/bin/" + name, 0);
    process.start_boottime_ns = 100 * kTickNs;
    return holder(listener(), process);
  }

  void add_container(std::uint32_t pid, const std::string& id, std::uint64_t start_ticks = 100,
                     std::uint32_t netns = kContainerNetns) {
    tree_.add({.pid = pid, .start_ticks = start_ticks, .cgroup = libpod(id), .netns = netns});
  }

  void add_addresses(std::uint32_t pid, const std::string& address) {
    const std::string directory = "proc/" + std::to_string(pid) + "/net/";
    tree_.write(directory + "fib_trie", "  |-- " + address + "\n    /32 host LOCAL\n");
    tree_.write(directory + "if_inet6", "fd000000000000000000000000000002 02 40 00 80 eth0\n");
  }

  // Process 1, whose root is the tree's.
  Holder add_systemd(std::uint32_t pid = 1, const std::vector<std::string>& argv = {"/sbin/init"}) {
    Holder systemd = add(pid, "systemd", argv);
    std::filesystem::create_directory_symlink(tree_.root(), tree_.proc() / std::to_string(pid) / "root");
    return systemd;
  }

  Unwrapper unwrapper() {
    return Unwrapper(
        {.proc_root = tree_.proc(), .cgroup_root = tree_.root() / "cgroup", .clocks = [this] { return now_; }},
        processes_);
  }

  OnBehalf unwrap(const Holder& holder) { return unwrapper().unwrap(holder).value(); }

  ProcTree tree_;
  Instant now_{kFailureTime, kFailureUnixNs};
  ProcessReader processes_{{tree_.proc(), tree_.etc() / "passwd", 100, false, std::nullopt}};
};

class PublishedPort : public UnwrapperTest {};

TEST_F(PublishedPort, ThatConmonKeepsIsOfTheContainerInItsCommandLine) {
  const Holder conmon = add(812, "conmon", {"conmon", "-c", kId, "-n", "web", "--exit-command", "/usr/bin/podman"});
  const OnBehalf on_behalf = unwrap(conmon);
  EXPECT_EQ(on_behalf.container_id, kId);
  EXPECT_EQ(on_behalf.container_name, "web");
  EXPECT_EQ(on_behalf.container_runtime, "podman");
  EXPECT_FALSE(on_behalf.doubt);
}

TEST_F(PublishedPort, IsNotToldByALaterProcessOfThatPid) {
  Holder conmon = add(812, "conmon", {"conmon", "-c", kId});
  conmon.process->start_boottime_ns -= kTickNs;
  const OnBehalf on_behalf = unwrap(conmon);
  EXPECT_FALSE(on_behalf.container_id);
  EXPECT_EQ(on_behalf.doubt, "conmon[812] could not be looked at any more");
}

TEST_F(PublishedPort, OfAnotherUsersProxyIsOnlyWhatThatOneSays) {
  Holder conmon = add(812, "conmon", {"conmon", "-c", kId});
  conmon.process->uid = 1000;
  const OnBehalf on_behalf = unwrap(conmon);
  EXPECT_EQ(on_behalf.container_id, kId);
  EXPECT_TRUE(on_behalf.doubt);
}

TEST_F(PublishedPort, OfDockerIsOfTheContainerWithTheAddressThatIsForwardedTo) {
  const Holder proxy =
      add(812, "docker-proxy", {"docker-proxy", "-container-ip", "172.17.0.2", "-container-port", "80"});
  add_container(900, kOther, 100, kContainerNetns + 1);
  add_addresses(900, "172.17.0.3");
  add_container(901, kId);
  add_addresses(901, "172.17.0.2");
  const OnBehalf on_behalf = unwrap(proxy);
  EXPECT_EQ(on_behalf.container_id, kId);
  EXPECT_EQ(on_behalf.address, "172.17.0.2:80");
  EXPECT_FALSE(on_behalf.doubt);
}

TEST_F(PublishedPort, OfDockerMayBeForwardedToAnIpv6Address) {
  const Holder proxy = add(812, "docker-proxy", {"docker-proxy", "-container-ip", "fd00::2", "-container-port", "80"});
  add_container(901, kId);
  add_addresses(901, "172.17.0.2");
  EXPECT_EQ(unwrap(proxy).container_id, kId);
  EXPECT_EQ(unwrap(proxy).address, "[fd00::2]:80");
}

TEST_F(PublishedPort, OfDockerIsNotOfAContainerInTheProxysOwnNamespace) {
  const Holder proxy =
      add(812, "docker-proxy", {"docker-proxy", "-container-ip", "172.17.0.2", "-container-port", "80"});
  add_container(901, kId, 100, kHostNetns);
  add_addresses(901, "172.17.0.2");
  const OnBehalf on_behalf = unwrap(proxy);
  EXPECT_FALSE(on_behalf.container_id);
  EXPECT_EQ(on_behalf.doubt, "no container was found that has the address 172.17.0.2 that it forwards to");
}

TEST_F(PublishedPort, OfTwoContainersWithOneAddressIsOfNeitherForSure) {
  const Holder proxy =
      add(812, "docker-proxy", {"docker-proxy", "-container-ip", "172.17.0.2", "-container-port", "80"});
  add_container(900, kOther, 100, kContainerNetns + 1);
  add_addresses(900, "172.17.0.2");
  add_container(901, kId);
  add_addresses(901, "172.17.0.2");
  EXPECT_FALSE(unwrap(proxy).container_id);
  EXPECT_EQ(unwrap(proxy).doubt, "several containers have the address 172.17.0.2 that it forwards to");
}

TEST_F(PublishedPort, OfRootlessportIsOfTheContainerInTheNamespaceOfItsChild) {
  const Holder proxy = add(812, "rootlessport", {"rootlessport"});
  tree_.add_thread({.pid = 812}, 812);
  tree_.add_thread({.pid = 812}, 813);
  tree_.write("proc/812/task/812/children", "");
  tree_.write("proc/812/task/813/children", "819 820 ");
  tree_.add({.pid = 819, .netns = kHostNetns});
  tree_.add({.pid = 820, .netns = kContainerNetns});
  add_container(900, kId);
  EXPECT_EQ(unwrap(proxy).container_id, kId);
  EXPECT_EQ(unwrap(proxy).container_runtime, "podman");
}

TEST_F(PublishedPort, OfPastaIsOfTheContainerInTheNamespaceThatItHasOpen) {
  const Holder proxy = add(812, "pasta.avx2", {"pasta"});
  std::filesystem::create_symlink("net:[" + std::to_string(kHostNetns) + "]", tree_.proc() / "812/fd/3");
  std::filesystem::create_symlink("net:[" + std::to_string(kContainerNetns) + "]", tree_.proc() / "812/fd/4");
  add_container(900, kId);
  EXPECT_EQ(unwrap(proxy).container_id, kId);
}

TEST_F(PublishedPort, OfSlirpIsOfTheContainerOfTheProcessThatItServes) {
  const Holder proxy = add(812, "slirp4netns", {"slirp4netns", "900", "tap0"});
  add_container(900, kId);
  EXPECT_EQ(unwrap(proxy).container_id, kId);
}

TEST_F(PublishedPort, OfANamespaceThatIsNotToldIsOfAContainerThatIsNotKnown) {
  const Holder proxy = add(812, "slirp4netns", {"slirp4netns", "--netns-type=path", "/run/netns/x", "tap0"});
  add_container(900, kId);
  const OnBehalf on_behalf = unwrap(proxy);
  EXPECT_FALSE(on_behalf.container_id);
  EXPECT_EQ(on_behalf.doubt, "the network namespace that it forwards to could not be told");
}

TEST_F(PublishedPort, OfASharedNamespaceIsOfTheContainerThatWasThereFirst) {
  const Holder proxy = add(812, "slirp4netns", {"slirp4netns", "900", "tap0"});
  add_container(900, kOther, 300);
  add_container(901, kId, 200);
  const OnBehalf on_behalf = unwrap(proxy);
  EXPECT_EQ(on_behalf.container_id, kId);
  EXPECT_EQ(on_behalf.doubt, "several containers share that network namespace; this one was there first");
}

TEST_F(PublishedPort, IsNotLookedForWhenTheTimeForItIsSpent) {
  Unwrapper busy({.proc_root = tree_.proc(),
                  .cgroup_root = {},
                  .clocks =
                      [this] {
                        now_.boottime_ns += 300'000'000;
                        return now_;
                      },
                  .divisor = 1000,
                  .limit_ns = 200'000'000},
                 processes_);
  const Holder first = add(812, "conmon", {"conmon", "-c", kId});
  const Holder second = add(813, "conmon", {"conmon", "-c", kOther});
  EXPECT_EQ(busy.unwrap(first)->container_id, kId);
  EXPECT_EQ(busy.unwrap(second)->doubt, "too many failures at once: it was not looked for");
  EXPECT_EQ(busy.unwrap(first)->container_id, kId) << "what is known stays so";
}

TEST_F(PublishedPort, IsNoMatterOfOtherPrograms) {
  EXPECT_FALSE(unwrapper().unwrap(add(812, "nginx", {"conmon", "-c", kId})));
  Holder named = add(813, "nginx", {"conmon", "-c", kId});
  named.process->comm = "conmon";
  EXPECT_FALSE(unwrapper().unwrap(named));
  EXPECT_FALSE(unwrapper().unwrap(holder(listener())));
}

class SocketOfAUnit : public UnwrapperTest {
 protected:
  void unit(const std::string& name, const std::string& text) {
    tree_.write("etc/systemd/system/" + name, "[Socket]\n" + text + "\n");
  }
};

TEST_F(SocketOfAUnit, IsOfTheOneWhoseFileNamesTheAddress) {
  unit("app.socket", "ListenStream=80\nService=web.service");
  unit("other.socket", "ListenStream=81");
  const OnBehalf on_behalf = unwrap(add_systemd());
  EXPECT_EQ(on_behalf.unit, "app.socket");
  EXPECT_EQ(on_behalf.service, "web.service");
  EXPECT_EQ(on_behalf.evidence, std::vector<std::string>{"/etc/systemd/system/app.socket has ListenStream=80"});
  EXPECT_FALSE(on_behalf.doubt);
}

TEST_F(SocketOfAUnit, ThatSeveralNameIsOfNoneForSure) {
  for (const char* name : {"a", "b", "c", "d", "e", "f"}) {
    unit(std::string(name) + ".socket", "ListenStream=80");
  }
  const OnBehalf on_behalf = unwrap(add_systemd());
  EXPECT_FALSE(on_behalf.unit);
  EXPECT_EQ(on_behalf.doubt, "a.socket, b.socket, c.socket, d.socket and 2 more name that address");
}

TEST_F(SocketOfAUnit, ThatNoneNamesIsOfOneThatIsNotKnown) {
  EXPECT_EQ(unwrap(add_systemd()).doubt, "no unit file of its names that address");
}

TEST_F(SocketOfAUnit, IsOfTheOneInWhoseCgroupItWasMade) {
  unit("a.socket", "ListenStream=80");
  unit("b.socket", "ListenStream=80");
  const auto cgroup = tree_.root() / "cgroup/system.slice/system-b.slice/b.socket";
  std::filesystem::create_directories(cgroup);
  struct stat status {};
  ASSERT_EQ(::stat(cgroup.c_str(), &status), 0);
  Holder systemd = add_systemd();
  systemd.socket.cgroup_id = status.st_ino;
  systemd.process->cgroup = "/init.scope";
  const OnBehalf on_behalf = unwrap(systemd);
  EXPECT_EQ(on_behalf.unit, "b.socket");
  EXPECT_EQ(on_behalf.service, "b.service");
  EXPECT_FALSE(on_behalf.doubt);
}

TEST_F(SocketOfAUnit, MayBeOfAContainersOwnManager) {
  unit("app.socket", "ListenStream=80");
  Holder systemd = add_systemd(700);
  EXPECT_FALSE(unwrapper().unwrap(systemd)) << "another tool of that name";
  systemd.process->vpid = 1;
  EXPECT_EQ(unwrap(systemd).unit, "app.socket");
}

TEST_F(SocketOfAUnit, MayBeOfAUsersManager) {
  tree_.write("etc/passwd", "root:x:0:0:root:/root:/bin/sh\njo:x:1000:1000::/home/jo:/bin/sh\n");
  tree_.write("home/jo/.config/systemd/user/app.socket", "[Socket]\nListenStream=80\n");
  unit("system.socket", "ListenStream=80");
  Holder systemd = add_systemd(700, {"/lib/systemd/systemd", "--user"});
  systemd.process->uid = 1000;
  EXPECT_EQ(unwrap(systemd).unit, "app.socket");
}

TEST_F(SocketOfAUnit, IsNotOneOfTheManagersOwnConnections) {
  unit("app.socket", "ListenStream=80");
  Holder systemd = add_systemd();
  systemd.socket.state = SocketState::kEstablished;
  EXPECT_FALSE(unwrapper().unwrap(systemd));
}

}  // namespace
}  // namespace bindtrace
