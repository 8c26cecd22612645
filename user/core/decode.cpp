// SPDX-License-Identifier: Apache-2.0
#include "core/decode.h"

#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <string>

#include <fmt/format.h>

#include "core/conflict.h"
#include "core/wire_values.h"
#include "wire.h"

namespace bindtrace {
namespace {

using Bytes = std::span<const std::byte>;

Head head_from(const bt_head& wire) {
  return {{wire.ktime_ns, wire.pid_tgid}, wire.cpu};
}

Entry entry_from(std::uint8_t entry) {
  switch (entry) {
    case BT_ENTRY_SYSCALL:
      return Entry::kSyscall;
    case BT_ENTRY_COMPAT:
      return Entry::kCompat;
    case BT_ENTRY_IO_URING:
      return Entry::kIoUring;
    case BT_ENTRY_KERNEL:
      return Entry::kKernel;
    default:
      return Entry::kUnknown;
  }
}

// While it tries an IPv6 address that is neither the wildcard nor v4-mapped, __inet6_bind sets the bit by itself and
// takes it back on failure: a reading in between does not tell what the victim had set.
bool v6only_is_the_kernels(const Request& request) {
  const auto& address = request.endpoint.address;
  return request.address_source == AddressSource::kKernel && request.operation == Operation::kBind && address &&
         address->family == Family::kIpv6 && !address->is_wildcard() && !address->is_v4_mapped();
}

std::uint32_t word_of(const __u8 (&bytes)[16], std::size_t index) {
  std::uint32_t word = 0;
  std::memcpy(&word, &bytes[index * sizeof word], sizeof word);
  return word;
}

// An abstract name begins with NUL and is as long as it says (unix(7)); shown as ss and systemd do.
std::string unix_name(std::string_view bytes) {
  if (bytes.starts_with('\0')) {
    return '@' + std::string(bytes.substr(1));
  }
  return std::string(bytes.substr(0, bytes.find('\0')));
}

std::optional<std::string> name_of(Transport transport, const bt_request& wire) {
  switch (transport) {
    case Transport::kUnix:
      return unix_name({static_cast<const char*>(wire.name), wire.name_length});
    case Transport::kNetlink:
      return std::to_string(word_of(wire.address, 0));
    case Transport::kVsock:
      return fmt::format("{}:{}", word_of(wire.address, 1), word_of(wire.address, 0));
    case Transport::kTcp:
    case Transport::kUdp:
    case Transport::kUdplite:
    case Transport::kIcmp:
    case Transport::kMptcp:
    case Transport::kSctp:
    case Transport::kUnknown:
      break;
  }
  return std::nullopt;
}

Result<Request> request_from(const bt_request& wire, bool address_readable) {
  if (wire.operation != BT_OP_BIND && wire.operation != BT_OP_LISTEN) {
    return fail(ErrorKind::kMalformed, fmt::format("operation {} has no meaning", wire.operation));
  }
  if (wire.address_source != BT_ADDRESS_KERNEL && wire.address_source != BT_ADDRESS_USER) {
    return fail(ErrorKind::kMalformed, fmt::format("address source {} has no meaning", wire.address_source));
  }
  if (wire.name_length > BT_UNIX_LEN) {
    return fail(ErrorKind::kMalformed, fmt::format("name of {} bytes", wire.name_length));
  }
  Request request;
  request.endpoint.transport = transport_of(wire.family, wire.protocol);
  if (address_readable && is_ip(request.endpoint.transport)) {
    request.endpoint.address = address_from(wire.family, wire.address);
    request.endpoint.port = wire.port;
  } else if (address_readable) {
    request.endpoint.name = name_of(request.endpoint.transport, wire);
  }
  request.operation = wire.operation == BT_OP_BIND ? Operation::kBind : Operation::kListen;
  request.entry = entry_from(wire.entry);
  request.address_source = wire.address_source == BT_ADDRESS_KERNEL ? AddressSource::kKernel : AddressSource::kUser;
  request.options = options_from(wire.flags, wire.device);
  if (v6only_is_the_kernels(request)) {
    request.options.v6only = std::nullopt;
  }
  request.inode = unless_zero(wire.inode);
  request.netns = wire.netns;
  request.uid = wire.uid;
  request.mount_ns = wire.mount_ns;
  request.root = {wire.root_inode, wire.root_dev};
  const auto bytes = std::as_bytes(std::span(&wire, 1));
  request.wire.assign(bytes.begin(), bytes.end());
  return request;
}

std::optional<Bucket> bucket_from(const bt_bucket& wire) {
  if (wire.present == 0) {
    return std::nullopt;
  }
  return Bucket{wire.fastreuse, wire.fastreuseport, wire.fastuid, wire.fast_v6only != 0,
                address_from(wire.fast_family, wire.fast_address)};
}

Result<Record> failure_from(Bytes bytes) {
  const auto wire = copy_out<bt_failure>(bytes, "failure", BT_FAILURE_SIZE(0));
  if (!wire) {
    return tl::unexpected(wire.error());
  }
  if (wire->holder_count > BT_MAX_HOLDERS || bytes.size() < BT_FAILURE_SIZE(wire->holder_count)) {
    return fail(ErrorKind::kMalformed,
                fmt::format("failure record of {} bytes with {} holders", bytes.size(), wire->holder_count));
  }
  auto request = request_from(wire->request, !has(wire->flags, BT_FAIL_NO_PARSE));
  if (!request) {
    return with_context(std::move(request.error()), "failure record");
  }
  Failure failure;
  failure.head = head_from(wire->head);
  failure.victim = task_from(wire->victim);
  failure.victim.arguments.assign(wire->args, std::min<std::size_t>(wire->args_length, BT_ARGS_LEN));
  failure.victim.arguments_cut = wire->args_length > BT_ARGS_LEN;
  failure.tid = wire->tid;
  failure.request = *std::move(request);
  failure.bucket = bucket_from(wire->bucket);
  for (const bt_socket& socket : std::span(wire->holders).first(wire->holder_count)) {
    failure.sockets.push_back(socket_from(socket, failure.request.endpoint.transport));
  }
  failure.socket_count = wire->sockets;
  for (std::uint32_t state = 0; state < BT_MAX_STATES; ++state) {
    if (const std::uint32_t count = std::span(wire->by_state)[state]; count != 0) {
      failure.by_state.push_back({socket_state_of(state), count});
    }
  }
  failure.walked = has(wire->flags, BT_FAIL_WALKED);
  failure.walk_truncated = has(wire->flags, BT_FAIL_TRUNCATED);
  failure.sockets_cut = has(wire->flags, BT_FAIL_HOLDERS_CUT);
  failure.scan_follows = has(wire->flags, BT_FAIL_SCAN_FOLLOWS);
  if (has(wire->flags, BT_FAIL_SCAN_SKIPPED)) {
    failure.scan.status = ScanStatus::kSkipped;
  }
  failure.self_check = has(wire->flags, BT_FAIL_SELF);
  failure.probing = has(wire->flags, BT_FAIL_PROBING);
  return Result<Record>(tl::in_place, std::move(failure));
}

Result<ScanStatus> scan_status_from(std::uint32_t status) {
  switch (status) {
    case BT_SCAN_COMPLETE:
      return ScanStatus::kComplete;
    case BT_SCAN_TRUNCATED:
      return ScanStatus::kTruncated;
    default:
      return fail(ErrorKind::kMalformed, fmt::format("scan record with status {}", status));
  }
}

Result<Record> scan_from(Bytes bytes) {
  const auto wire = copy_out<bt_scan>(bytes, "scan");
  if (!wire) {
    return tl::unexpected(wire.error());
  }
  const auto status = scan_status_from(wire->status);
  if (!status) {
    return tl::unexpected(status.error());
  }
  Scan scan;
  scan.head = head_from(wire->head);
  scan.status = *status;
  std::copy_if(std::begin(wire->inode), std::end(wire->inode), std::back_inserter(scan.inodes),
               [](std::uint64_t inode) { return inode != 0; });
  scan.end_ktime_ns = wire->ktime_end_ns;
  scan.tasks = wire->tasks;
  scan.slots = wire->slots;
  scan.owners_found = wire->owners_found;
  scan.owners_sent = wire->owners_sent;
  return Result<Record>(tl::in_place, std::move(scan));
}

Result<Record> owner_from(Bytes bytes) {
  const auto wire = copy_out<bt_owner>(bytes, "owner");
  if (!wire) {
    return tl::unexpected(wire.error());
  }
  Owner owner;
  owner.head = head_from(wire->head);
  owner.task = task_from(wire->task);
  for (std::size_t i = 0; i < BT_MAX_TARGETS; ++i) {
    const std::uint64_t inode = std::span(wire->inode)[i];
    const std::uint32_t bits = std::span(wire->fd_bits)[i];
    if (inode == 0 || !has(wire->targets, 1U << i)) {
      continue;
    }
    OwnedSocket socket{inode, {}};
    for (std::uint32_t bit = 0; bit < 32; ++bit) {
      if (has(bits, 1U << bit)) {
        socket.fds.push_back(wire->fd_base + bit);
      }
    }
    owner.sockets.push_back(std::move(socket));
  }
  return Result<Record>(tl::in_place, std::move(owner));
}

Result<Record> sighting_from(Bytes bytes) {
  const auto wire = copy_out<bt_sighting>(bytes, "sighting");
  if (!wire) {
    return tl::unexpected(wire.error());
  }
  if (wire->name_length > BT_UNIX_LEN) {
    return fail(ErrorKind::kMalformed, fmt::format("sighting record with a name of {} bytes", wire->name_length));
  }
  Sighting sighting;
  sighting.kind = wire->head.type == BT_RECORD_BOUND ? SightingKind::kBound : SightingKind::kFreed;
  sighting.head = head_from(wire->head);
  sighting.task = task_from(wire->task);
  const Transport transport = transport_of(wire->socket.family, wire->protocol);
  sighting.socket = socket_from(wire->socket, transport);
  if (transport == Transport::kUnix) {
    sighting.socket.local = {transport, {}, {}, unix_name({static_cast<const char*>(wire->name), wire->name_length})};
  }
  sighting.netns = wire->netns;
  return Result<Record>(tl::in_place, std::move(sighting));
}

}  // namespace

Result<Record> decode(Bytes bytes) {
  const auto head = copy_out<bt_head>(bytes, "headless");
  if (!head) {
    return tl::unexpected(head.error());
  }
  switch (head->type) {
    case BT_RECORD_FAILURE:
      return failure_from(bytes);
    case BT_RECORD_SCAN:
      return scan_from(bytes);
    case BT_RECORD_OWNER:
      return owner_from(bytes);
    case BT_RECORD_BOUND:
    case BT_RECORD_FREED:
      return sighting_from(bytes);
    default:
      return fail(ErrorKind::kMalformed, fmt::format("record of unknown type {}", head->type));
  }
}

}  // namespace bindtrace
