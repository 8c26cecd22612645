// SPDX-License-Identifier: Apache-2.0
#include "core/plain_request.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <iterator>
#include <span>
#include <string>

#include "wire.h"

namespace bindtrace {
namespace {

constexpr std::uint16_t kProtocolMptcp = 262;  // newer than some C libraries' headers

// transport_of() the other way round; unix has no protocol.
std::uint16_t protocol_of(Transport transport) {
  switch (transport) {
    case Transport::kTcp:
      return IPPROTO_TCP;
    case Transport::kUdp:
      return IPPROTO_UDP;
    case Transport::kUdplite:
      return IPPROTO_UDPLITE;
    case Transport::kMptcp:
      return kProtocolMptcp;
    case Transport::kSctp:
      return IPPROTO_SCTP;
    case Transport::kIcmp:
      return IPPROTO_ICMP;
    case Transport::kUnix:
    case Transport::kNetlink:
    case Transport::kVsock:
    case Transport::kUnknown:
      break;
  }
  return 0;
}

// "@name" stands for an abstract one, which begins with NUL.
void take_name(const std::string& name, bt_request& wire) {
  const std::size_t length = std::min(name.size(), sizeof wire.name);
  std::copy_n(name.begin(), length, std::begin(wire.name));
  if (wire.name[0] == '@') {
    wire.name[0] = '\0';
  }
  wire.name_length = static_cast<__u32>(length);
}

}  // namespace

Request plain_request(const Endpoint& endpoint, std::uint32_t netns) {
  const bool datagrams = endpoint.transport == Transport::kUdp || endpoint.transport == Transport::kUdplite;
  bt_request wire{};
  wire.operation = BT_OP_BIND;
  wire.address_source = BT_ADDRESS_KERNEL;
  wire.netns = netns;
  wire.protocol = protocol_of(endpoint.transport);
  wire.sock_type = datagrams ? SOCK_DGRAM : SOCK_STREAM;
  wire.port = endpoint.port.value_or(0);
  if (endpoint.name) {
    wire.family = AF_UNIX;
    take_name(*endpoint.name, wire);
  } else if (endpoint.address) {
    wire.family = endpoint.address->family == Family::kIpv4 ? AF_INET : AF_INET6;
    std::ranges::copy(endpoint.address->bytes, std::begin(wire.address));
  }
  Request request;
  request.endpoint = endpoint;
  request.entry = Entry::kUnknown;
  request.netns = netns;
  const auto bytes = std::as_bytes(std::span(&wire, 1));
  request.wire.assign(bytes.begin(), bytes.end());
  return request;
}

}  // namespace bindtrace
