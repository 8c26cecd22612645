// SPDX-License-Identifier: Apache-2.0
#include "core/conflict.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "core/socket_address.h"

namespace bindtrace {
namespace {

bool is_tcp(const Request& request) {
  return request.endpoint.transport == Transport::kTcp || request.endpoint.transport == Transport::kMptcp;
}

bool is_itself(const Request& request, const HolderSocket& socket) {
  return socket.inode && socket.inode == request.inode;
}

bool has_other_device(const Request& request, const HolderSocket& socket) {
  const auto& wanted = request.options.device;
  const auto& held = socket.options.device;
  return wanted && held && *wanted != *held;
}

// Both are known.
bool addresses_overlap(const Request& request, const HolderSocket& socket) {
  const SocketAddress held = socket_address(*socket.local.address, socket.options.v6only.value_or(false));
  return equal_as_bound(requested_address(request), held, {.first = true, .second = true});
}

bool share_by_reuseaddr(const Request& request, const HolderSocket& socket) {
  const bool listens = is_tcp(request) && socket.state == SocketState::kListen;
  return request.options.reuseaddr && socket.options.reuseaddr && !listens;
}

bool both_reuseport(const Request& request, const HolderSocket& socket) {
  return request.options.reuseport && socket.options.reuseport;
}

// The kernel asks for the user of the socket's inode; what has none any more was root's in older kernels, and is that
// of its sk_uid since. Absent: it depends on that.
std::optional<bool> same_user(const Request& request, const HolderSocket& socket) {
  if (!socket.uid) {
    return std::nullopt;
  }
  const bool same = *socket.uid == request.uid;
  const bool same_for_root = request.uid == 0;
  return socket.orphan && same != same_for_root ? std::nullopt : std::optional(same);
}

// Of the rest, all of which refuse.
bool listens(const HolderSocket& socket) {
  return socket.state == SocketState::kListen;
}

constexpr std::string_view kTcpSource = "inet_csk_bind_conflict; since 6.1 inet_bind_conflict";
constexpr std::string_view kBothSource = "inet_csk_bind_conflict, udp_lib_lport_inuse";

constexpr ConflictRule kItself{"itself", false, "it is the socket that asks", kBothSource};
constexpr ConflictRule kOtherDevice{"other_device", false, "it is bound to another device", kBothSource};
constexpr ConflictRule kOtherAddress{"other_address", false, "it has another address",
                                     "inet_rcv_saddr_equal; with SO_BINDTODEVICE and IPV6_V6ONLY as both have it"};
constexpr ConflictRule kBothReuseaddr{"both_reuseaddr", false, "both have SO_REUSEADDR, and it does not listen",
                                      kBothSource};
constexpr ConflictRule kReuseportTimeWait{"both_reuseport_time_wait", false,
                                          "both have SO_REUSEPORT, and it is in TIME_WAIT", kTcpSource};
constexpr ConflictRule kBothReuseport{"both_reuseport", false, "both have SO_REUSEPORT, by the same user", kBothSource};
constexpr ConflictRule kReuseportOtherUser{"reuseport_other_user", true,
                                           "both have SO_REUSEPORT, but it is another user's", kBothSource};
constexpr ConflictRule kListens{"listens", true, "it listens there", kTcpSource};
constexpr ConflictRule kHasIt{"has_it", true, "it has the address, and one side or both lack SO_REUSEADDR",
                              kBothSource};
// Of udp alone: the search ends at the first socket with which the port is shared.
constexpr ConflictRule kNotReached{"not_reached", false,
                                   "a newer socket shares the port by SO_REUSEPORT, and the kernel looks no further",
                                   "udp_lib_lport_inuse"};
// Of the bucket of tcp's sockets on a port (sk_reuseport_match, inet_csk_get_port).
constexpr ConflictRule kBucketReuse{"bucket_reuse", false,
                                    "all had SO_REUSEADDR and none listened when they were bound", "inet_csk_get_port"};
constexpr ConflictRule kBucketReuseport{"bucket_reuseport", false,
                                        "the port was last shared by SO_REUSEPORT, by this user and at this address",
                                        "sk_reuseport_match"};

constexpr std::array kRules{&kItself,        &kOtherDevice,        &kOtherAddress, &kBothReuseaddr, &kReuseportTimeWait,
                            &kBothReuseport, &kReuseportOtherUser, &kListens,      &kHasIt,         &kNotReached,
                            &kBucketReuse,   &kBucketReuseport};

const ConflictRule* rule_of_bucket(const Request& request, const Bucket& bucket) {
  const bool binds = request.operation == Operation::kBind;
  if (bucket.fastreuse > 0 && request.options.reuseaddr && binds) {
    return &kBucketReuse;
  }
  constexpr std::int32_t kAny = 1;  // FASTREUSEPORT_ANY; FASTREUSEPORT_STRICT compares addresses
  if (bucket.fastreuseport <= 0 || !request.options.reuseport || bucket.fastuid != request.uid) {
    return nullptr;
  }
  if (bucket.fastreuseport == kAny) {
    return &kBucketReuseport;
  }
  if (!bucket.fast_address) {
    return nullptr;
  }
  const SocketAddress fast = socket_address(*bucket.fast_address, bucket.fast_v6only);
  const SocketAddress wanted = requested_address(request);
  return equal_as_bound(fast, wanted, {.first = true, .second = false}) ? &kBucketReuseport : nullptr;
}

// As udp_lib_lport_inuse goes through them. With more than ten sockets in the slot the kernel goes through two lists by
// address instead: then what comes first is not known.
void follow_udp(const Failure& failure, ConflictVerdict& verdict) {
  constexpr std::uint32_t kOneList = 10;
  const auto shares = std::find(verdict.sockets.begin(), verdict.sockets.end(), &kBothReuseport);
  const auto blocks = std::find_if(verdict.sockets.begin(), verdict.sockets.end(),
                                   [](const ConflictRule* rule) { return rule != nullptr && rule->blocks; });
  if (shares == verdict.sockets.end() || blocks == verdict.sockets.end() || blocks < shares) {
    return;
  }
  if (failure.socket_count > kOneList) {
    verdict.refused = std::nullopt;
    return;
  }
  std::replace_if(
      shares, verdict.sockets.end(), [](const ConflictRule* rule) { return rule != nullptr && rule->blocks; },
      &kNotReached);
  verdict.refused = false;
}

}  // namespace

std::span<const ConflictRule* const> conflict_rules() {
  return kRules;
}

bool overlaps(const Request& request, const HolderSocket& socket) {
  return request.endpoint.address && socket.local.address && !has_other_device(request, socket) &&
         addresses_overlap(request, socket);
}

const ConflictRule* rule_between(const Request& request, const HolderSocket& socket) {
  if (is_itself(request, socket)) {
    return &kItself;
  }
  if (has_other_device(request, socket)) {
    return &kOtherDevice;
  }
  if (!request.endpoint.address || !socket.local.address) {
    return nullptr;
  }
  if (!addresses_overlap(request, socket)) {
    return &kOtherAddress;
  }
  if (share_by_reuseaddr(request, socket)) {
    return &kBothReuseaddr;
  }
  if (both_reuseport(request, socket)) {
    if (is_tcp(request) && socket.time_wait) {
      return &kReuseportTimeWait;
    }
    const auto same = same_user(request, socket);
    return !same ? nullptr : *same ? &kBothReuseport : &kReuseportOtherUser;
  }
  return is_tcp(request) && listens(socket) ? &kListens : &kHasIt;
}

ConflictVerdict judge_conflict(const Failure& failure) {
  ConflictVerdict verdict;
  verdict.refused = false;
  for (const HolderSocket& socket : failure.sockets) {
    verdict.sockets.push_back(rule_between(failure.request, socket));
    if (verdict.sockets.back() == nullptr && verdict.refused == false) {
      verdict.refused = std::nullopt;
    }
    if (verdict.sockets.back() != nullptr && verdict.sockets.back()->blocks) {
      verdict.refused = true;
    }
  }
  if (!is_tcp(failure.request)) {
    follow_udp(failure, verdict);
  } else if (failure.bucket && failure.socket_count > 0) {
    verdict.bucket = rule_of_bucket(failure.request, *failure.bucket);
  }
  if (verdict.bucket != nullptr) {
    verdict.refused = false;
  } else if (verdict.refused == false && (failure.walk_truncated || failure.sockets_cut)) {
    verdict.refused = std::nullopt;
  }
  return verdict;
}

}  // namespace bindtrace
