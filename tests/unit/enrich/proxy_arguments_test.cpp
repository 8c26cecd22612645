// SPDX-License-Identifier: Apache-2.0
#include "enrich/proxy_arguments.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace bindtrace {
namespace {

using Argv = std::vector<std::string>;

const std::string kId(64, 'a');

TEST(ConmonArguments, OfPodmanNameTheContainer) {
  const Argv argv{"/usr/bin/conmon",
                  "--api-version",
                  "1",
                  "-c",
                  kId,
                  "-u",
                  std::string(64, 'b'),
                  "-r",
                  "/usr/bin/runc",
                  "-n",
                  "web",
                  "--exit-dir",
                  "/run/libpod/exits",
                  "--exit-command",
                  "/usr/bin/podman",
                  "--exit-command-arg",
                  "-n",
                  "--exit-command-arg",
                  "other"};
  EXPECT_EQ(parse_conmon(argv), (ConmonArguments{kId, "web", "podman"}));
}

TEST(ConmonArguments, OfCrioNameTheContainer) {
  const Argv argv{"/usr/bin/conmon", "--cid=" + kId, "--exit-dir", "/var/run/crio/exits", "--name=k8s_web"};
  EXPECT_EQ(parse_conmon(argv), (ConmonArguments{kId, "k8s_web", "cri-o"}));
}

TEST(ConmonArguments, WithoutAWholeIdNameNone) {
  EXPECT_EQ(parse_conmon(Argv{"conmon", "-c", "0123456789ab", "-n", ""}), ConmonArguments{});
  EXPECT_EQ(parse_conmon(Argv{"conmon", "-c", std::string(64, 'g')}), ConmonArguments{});
  EXPECT_EQ(parse_conmon(Argv{"conmon", "-c"}), ConmonArguments{});
  EXPECT_EQ(parse_conmon(Argv{}), ConmonArguments{});
}

TEST(DockerProxyArguments, NameTheContainersAddress) {
  const Argv argv{"/usr/bin/docker-proxy",
                  "-proto",
                  "tcp",
                  "-host-ip",
                  "0.0.0.0",
                  "-host-port",
                  "8080",
                  "-container-ip",
                  "172.17.0.2",
                  "-container-port",
                  "80"};
  EXPECT_EQ(parse_docker_proxy(argv), (ContainerAddress{*parse_ip("172.17.0.2"), 80}));
}

TEST(DockerProxyArguments, MayNameAnIpv6Address) {
  const Argv argv{"docker-proxy", "-container-ip", "fd00::2", "-container-port", "53"};
  EXPECT_EQ(parse_docker_proxy(argv), (ContainerAddress{*parse_ip("fd00::2"), 53}));
}

TEST(DockerProxyArguments, ThatMakeNoSenseAreNothing) {
  for (const char* address : {"", "172.17.0", "host"}) {
    EXPECT_FALSE(parse_docker_proxy(Argv{"docker-proxy", "-container-ip", address, "-container-port", "80"}));
  }
  for (const char* port : {"", "65536", "-1", "http"}) {
    EXPECT_FALSE(parse_docker_proxy(Argv{"docker-proxy", "-container-ip", "10.0.0.1", "-container-port", port}));
  }
}

TEST(Slirp4netnsArguments, NameTheNamespaceByAPath) {
  const Argv argv{"slirp4netns",       "--disable-host-loopback",      "--mtu=65520", "-c", "-r", "3", "-e", "4",
                  "--netns-type=path", "/run/user/1000/netns/netns-1", "tap0"};
  EXPECT_EQ(parse_slirp4netns(argv), ServedNamespace{.path = "/run/user/1000/netns/netns-1"});
}

TEST(Slirp4netnsArguments, OrByAProcessInIt) {
  EXPECT_EQ(parse_slirp4netns(Argv{"slirp4netns", "-c", "-e", "4", "4711", "tap0"}), ServedNamespace{.pid = 4711});
  EXPECT_EQ(parse_slirp4netns(Argv{"slirp4netns", "-c"}), ServedNamespace{});
  EXPECT_EQ(parse_slirp4netns(Argv{"slirp4netns", "x", "tap0"}), ServedNamespace{});
}

TEST(PastaArguments, NameTheNamespaceByAPath) {
  const Argv argv{"/usr/bin/pasta", "--config-net", "-t", "8080-8080:80-80", "--netns", "/run/user/1000/netns/netns-1"};
  EXPECT_EQ(parse_pasta(argv), ServedNamespace{.path = "/run/user/1000/netns/netns-1"});
}

TEST(PastaArguments, AreNotGuessedAt) {
  EXPECT_EQ(parse_pasta(Argv{"pasta", "-t", "8080"}), ServedNamespace{});
}

}  // namespace
}  // namespace bindtrace
