// SPDX-License-Identifier: Apache-2.0
#include "core/kernel_service.h"

#include <array>
#include <cstdint>

namespace bindtrace {
namespace {

struct Usual {
  Transport transport;
  std::uint16_t port;
  KernelService service;
};

constexpr KernelService kNfs{"the NFS server", "cat /proc/fs/nfsd/portlist"};
constexpr KernelService kVxlan{"VXLAN", "ip -d link show type vxlan"};

// Ports of the IANA's list, and those that Linux had before (8472).
constexpr std::array kUsual{
    Usual{Transport::kTcp, 445, {"the SMB server ksmbd", "systemctl status ksmbd"}},
    Usual{Transport::kTcp, 2049, kNfs},
    Usual{Transport::kTcp, 3260, {"an iSCSI target", "targetcli ls /iscsi"}},
    Usual{Transport::kTcp, 4420, {"an NVMe target", "ls /sys/kernel/config/nvmet/ports"}},
    Usual{Transport::kUdp, 1701, {"L2TP", "ip l2tp show tunnel"}},
    Usual{Transport::kUdp, 2049, kNfs},
    Usual{Transport::kUdp, 2152, {"GTP", "ip -d link show type gtp"}},
    Usual{Transport::kUdp, 4789, kVxlan},
    Usual{Transport::kUdp, 4791, {"RDMA over Ethernet", "rdma link show"}},
    Usual{Transport::kUdp, 6081, {"GENEVE", "ip -d link show type geneve"}},
    Usual{Transport::kUdp, 8472, kVxlan},
    Usual{Transport::kUdp, 51820, {"WireGuard", "wg show all listen-port"}},
};

}  // namespace

std::optional<KernelService> usual_kernel_service(const Endpoint& endpoint) {
  for (const Usual& usual : kUsual) {
    if (usual.transport == endpoint.transport && usual.port == endpoint.port) {
      return usual.service;
    }
  }
  return std::nullopt;
}

}  // namespace bindtrace
