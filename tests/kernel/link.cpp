// SPDX-License-Identifier: Apache-2.0
#include "link.h"

#include <cerrno>
#include <cstring>
#include <vector>

#include <arpa/inet.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "fd.h"
#include "sockets.h"

namespace bindtrace {
namespace {

constexpr uint32_t kNetworkId = 1;

// A request of rtnetlink(7) and its attributes.
class Message {
 public:
  Message(uint16_t type, uint16_t flags) : bytes_(NLMSG_SPACE(sizeof(ifinfomsg))) {
    header()->nlmsg_type = type;
    header()->nlmsg_flags = flags;
  }

  void add(uint16_t type, const void* value, size_t size) {
    const size_t start = open(type);
    const auto* first = static_cast<const char*>(value);
    bytes_.insert(bytes_.end(), first, first + size);
    close(start);
  }
  // Attributes that are added until close(start) are part of this one.
  size_t open(uint16_t type) {
    const size_t start = bytes_.size();
    const rtattr attribute{0, type};
    const auto* first = reinterpret_cast<const char*>(&attribute);
    bytes_.insert(bytes_.end(), first, first + sizeof(attribute));
    return start;
  }
  void close(size_t start) {
    const auto size = static_cast<uint16_t>(bytes_.size() - start);
    std::memcpy(&bytes_[start], &size, sizeof(size));
    bytes_.resize(start + RTA_ALIGN(size));
  }

  // Sends it and returns the errno of the kernel's answer.
  int ask() {
    header()->nlmsg_len = static_cast<uint32_t>(bytes_.size());
    const Fd netlink(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
    must(netlink.open(), "socket(AF_NETLINK)");
    must(send(netlink.get(), bytes_.data(), bytes_.size(), 0) == static_cast<ssize_t>(bytes_.size()), "send");
    alignas(nlmsghdr) char answer[4096];
    const ssize_t size = recv(netlink.get(), answer, sizeof(answer), 0);
    const auto* reply = reinterpret_cast<const nlmsghdr*>(answer);
    must(size >= static_cast<ssize_t>(NLMSG_LENGTH(sizeof(nlmsgerr))) && reply->nlmsg_type == NLMSG_ERROR, "recv");
    return -static_cast<const nlmsgerr*>(NLMSG_DATA(reply))->error;
  }

 private:
  nlmsghdr* header() { return reinterpret_cast<nlmsghdr*>(bytes_.data()); }

  std::vector<char> bytes_;
};

}  // namespace

int set_link_up(const std::string& name) {
  const Fd fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!fd.open()) {
    return errno;
  }
  ifreq request{};
  name.copy(request.ifr_name, sizeof(request.ifr_name) - 1);
  request.ifr_flags = IFF_UP;
  return ioctl(fd.get(), SIOCSIFFLAGS, &request) == 0 ? 0 : errno;
}

int make_vxlan(const std::string& name, uint16_t port) {
  const uint16_t network_order = htons(port);
  Message message(RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
  message.add(IFLA_IFNAME, name.c_str(), name.size() + 1);
  const size_t link = message.open(IFLA_LINKINFO);
  message.add(IFLA_INFO_KIND, "vxlan", sizeof("vxlan"));
  const size_t vxlan = message.open(IFLA_INFO_DATA);
  message.add(IFLA_VXLAN_ID, &kNetworkId, sizeof(kNetworkId));
  message.add(IFLA_VXLAN_PORT, &network_order, sizeof(network_order));
  message.close(vxlan);
  message.close(link);
  return message.ask();
}

}  // namespace bindtrace
