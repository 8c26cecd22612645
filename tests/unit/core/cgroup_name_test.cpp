// SPDX-License-Identifier: Apache-2.0
#include "core/cgroup_name.h"

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace bindtrace {
namespace {

using Text = std::optional<std::string>;

const std::string kId(64, 'a');
const std::string kPod = "01234567-89ab-cdef-0123-456789abcdef";
const std::string kPodInSlice = "01234567_89ab_cdef_0123_456789abcdef";

struct Path {
  std::string name;
  std::string path;
  CgroupIdentity identity;
};

CgroupIdentity unit(const std::string& name, std::optional<std::uint32_t> user = std::nullopt) {
  return {name, user, {}, {}, {}};
}

CgroupIdentity container(Text unit, Text runtime, Text pod = std::nullopt) {
  return {std::move(unit), std::nullopt, kId, std::move(runtime), std::move(pod)};
}

class CgroupPath : public testing::TestWithParam<Path> {};

TEST_P(CgroupPath, SaysWhoRunsThere) {
  EXPECT_EQ(identify_cgroup(GetParam().path), GetParam().identity);
}

INSTANTIATE_TEST_SUITE_P(
    Known, CgroupPath,
    testing::Values(
        Path{"Root", "/", {}}, Path{"Empty", "", {}}, Path{"SliceOnly", "/system.slice", {}},
        Path{"Service", "/system.slice/nginx.service", unit("nginx.service")},
        Path{"Template", "/system.slice/system-postgresql.slice/postgresql@15-main.service",
             unit("postgresql@15-main.service")},
        Path{"DelegatedService", "/system.slice/foo.service/payload", unit("foo.service")},
        Path{"Socket", "/system.slice/foo.socket", unit("foo.socket")},
        Path{"UserService", "/user.slice/user-1000.slice/user@1000.service/app.slice/foo.service",
             unit("foo.service", 1000)},
        Path{"UserManager", "/user.slice/user-1000.slice/user@1000.service/init.scope",
             unit("user@1000.service", 1000)},
        Path{"Session", "/user.slice/user-0.slice/session-3.scope", unit("session-3.scope")},
        Path{"Init", "/init.scope", unit("init.scope")},
        Path{"DockerSystemd", "/system.slice/docker-" + kId + ".scope",
             container("docker-" + kId + ".scope", "docker")},
        Path{"DockerCgroupfs", "/docker/" + kId, container(std::nullopt, "docker")},
        Path{"ServiceInDocker", "/system.slice/docker-" + kId + ".scope/system.slice/nginx.service",
             container("nginx.service", "docker")},
        Path{"Podman", "/machine.slice/libpod-" + kId + ".scope/container",
             container("libpod-" + kId + ".scope", "podman")},
        Path{"PodmanBelowAService", "/system.slice/web.service/libpod-payload-" + kId,
             container("web.service", "podman")},
        Path{"PodmanCgroupfs", "/libpod_parent/libpod-" + kId, container(std::nullopt, "podman")},
        Path{"PodmanMonitor", "/machine.slice/libpod-conmon-" + kId + ".scope",
             unit("libpod-conmon-" + kId + ".scope")},
        Path{"KubernetesContainerd",
             "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + kPodInSlice +
                 ".slice/cri-containerd-" + kId + ".scope",
             container("cri-containerd-" + kId + ".scope", "containerd", kPod)},
        Path{"KubernetesCrio", "/kubepods.slice/kubepods-pod" + kPodInSlice + ".slice/crio-" + kId + ".scope",
             container("crio-" + kId + ".scope", "cri-o", kPod)},
        Path{"KubernetesCgroupfs", "/kubepods/besteffort/pod" + kPod + "/" + kId,
             container(std::nullopt, std::nullopt, kPod)},
        Path{"KubernetesStaticPod", "/kubepods/burstable/pod0123456789abcdef0123456789abcdef/" + kId,
             container(std::nullopt, std::nullopt, "0123456789abcdef0123456789abcdef")},
        Path{"ContainerdWithTheWrongDriver",
             "/system.slice/containerd.service/kubepods-burstable-pod" + kPodInSlice + ".slice:cri-containerd:" + kId,
             container("containerd.service", "containerd", kPod)},
        Path{"KubernetesCrioCgroupfs", "/kubepods/burstable/pod" + kPod + "/crio-" + kId,
             container(std::nullopt, "cri-o", kPod)},
        Path{"KubernetesDockerCgroupfs", "/kubepods/burstable/pod" + kPod + "/docker-" + kId,
             container(std::nullopt, "docker", kPod)},
        Path{"KubernetesGuaranteed",
             "/kubepods.slice/kubepods-pod" + kPodInSlice + ".slice/cri-containerd-" + kId + ".scope",
             container("cri-containerd-" + kId + ".scope", "containerd", kPod)},
        Path{"KubernetesInKind",
             "/system.slice/docker-" + std::string(64, 'b') + ".scope/kubelet.slice/kubelet-kubepods.slice/" +
                 "kubelet-kubepods-besteffort.slice/kubelet-kubepods-besteffort-pod" + kPodInSlice +
                 ".slice/cri-containerd-" + kId + ".scope",
             container("cri-containerd-" + kId + ".scope", "containerd", kPod)},
        Path{"CrioMonitor",
             "/kubepods.slice/kubepods-pod" + kPodInSlice + ".slice/crio-conmon-" + kId + ".scope",
             {"crio-conmon-" + kId + ".scope", {}, {}, {}, kPod}},
        Path{"Nerdctl", "/system.slice/nerdctl-" + kId + ".scope",
             container("nerdctl-" + kId + ".scope", "containerd")},
        Path{"PodmanRootless",
             "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" + kId + ".scope/container",
             {"libpod-" + kId + ".scope", 1000, kId, "podman", {}}},
        Path{"PodmanQuadlet", "/system.slice/web.service/libpod-payload-" + kId, container("web.service", "podman")},
        Path{"PodmanQuadletMonitor", "/system.slice/web.service/runtime", unit("web.service")},
        Path{"PodmanPod", "/machine.slice/machine-libpod_pod_" + kId + ".slice/libpod-" + kId + ".scope",
             container("libpod-" + kId + ".scope", "podman")},
        Path{"Nspawn", "/machine.slice/systemd-nspawn@web.service/payload/system.slice/nginx.service",
             unit("nginx.service")},
        Path{"SystemdInDockerOfV1", "/docker/" + kId + "/system.slice/nginx.service",
             container("nginx.service", "docker")},
        Path{"UserServiceOfV1", "/user.slice/user-1000.slice/user@1000.service/foo.service", unit("foo.service", 1000)},
        Path{"SessionScopeOfAUser", "/user.slice/user-1000.slice/user@1000.service/app.slice/app-term.scope",
             unit("app-term.scope", 1000)},
        Path{"LxcOfV1", "/lxc/web1/system.slice/nginx.service", {"nginx.service", {}, "web1", "lxc", {}}},
        Path{"Lxc3", "/lxc.payload/web1", {std::nullopt, {}, "web1", "lxc", {}}},
        Path{"LxcProxmox", "/lxc/101/ns", {std::nullopt, {}, "101", "lxc", {}}},
        Path{"LxcMonitor", "/lxc.monitor.web1", {}}, Path{"LxcAlone", "/lxc", {}},
        Path{"EcsTask", "/ecs/0123456789abcdef/" + kId, container(std::nullopt, std::nullopt)},
        Path{"Lxc", "/lxc.payload.web1/system.slice/nginx.service", {"nginx.service", {}, "web1", "lxc", {}}},
        Path{"NotHex", "/docker/" + std::string(64, 'g'), {}}, Path{"ShortHex", "/docker/" + std::string(63, 'a'), {}},
        Path{"PodOfAName", "/foo-podman", {}}, Path{"SuffixAlone", "/.service", {}}),
    [](const auto& param) { return param.param.name; });

TEST(CgroupNames, AreReadFromTheLeafUp) {
  const std::vector<Name> names{{"foo.service"}, {"app.slice"}, {"user@1000.service"}, {"user-1000.slice"}};
  EXPECT_EQ(identify_cgroup(names), unit("foo.service", 1000));
}

TEST(CgroupNames, ACutNameSaysNothing) {
  const std::vector<Name> names{{"foo.service", true}, {"system.slice"}};
  EXPECT_EQ(identify_cgroup(names), CgroupIdentity{});
}

TEST(CgroupNames, FewerThanTheKernelSideKeepsAreTheWholePath) {
  EXPECT_EQ(whole_cgroup_path(std::vector<Name>{{"nginx.service"}, {"system.slice"}}, true),
            "/system.slice/nginx.service");
}

TEST(CgroupNames, NoneAtAllAreTheRootWhereThereIsACgroup) {
  EXPECT_EQ(whole_cgroup_path({}, true), "/");
  EXPECT_FALSE(whole_cgroup_path({}, false));
}

TEST(CgroupNames, AsManyAsItKeepsMayHaveMoreAbove) {
  EXPECT_FALSE(whole_cgroup_path(std::vector<Name>{{"d"}, {"c"}, {"b"}, {"a"}}, true));
}

TEST(CgroupIdentity, AScopeIsNoService) {
  EXPECT_TRUE(unit("nginx.service").has_service());
  EXPECT_FALSE(unit("session-3.scope").has_service());
  EXPECT_FALSE(CgroupIdentity{}.has_service());
}

TEST(CgroupIdentity, WhatIsMissingComesFromTheOther) {
  CgroupIdentity identity = unit("nginx.service");
  fill_missing(identity, container("docker-x.scope", "docker", kPod));
  EXPECT_EQ(identity, container("nginx.service", "docker", kPod));
}

}  // namespace
}  // namespace bindtrace
