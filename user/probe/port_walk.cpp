// SPDX-License-Identifier: Apache-2.0
#include "probe/port_walk.h"

#include <bpf/bpf.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "base/unique_fd.h"
#include "probe/libbpf_log.h"
#include "probe/privilege.h"

namespace bindtrace {
namespace {

// The protocol's tables are found through a socket of it.
Result<UniqueFd> any_socket(const bt_request& request) {
  const int type = request.protocol == IPPROTO_UDP || request.protocol == IPPROTO_UDPLITE ? SOCK_DGRAM : SOCK_STREAM;
  UniqueFd fd(::socket(request.family, type | SOCK_CLOEXEC, request.protocol));
  if (!fd.valid()) {
    return fail_errno(errno, "make a socket of protocol " + std::to_string(request.protocol));
  }
  return fd;
}

Result<void> run(int program, const bt_query& query) {
  LIBBPF_OPTS(bpf_test_run_opts, options);
  if (bpf_prog_test_run_opts(program, &options) != 0) {
    return fail_errno(errno, "run a BPF program");
  }
  switch (options.retval) {
    case BT_WALK_DONE:
      return {};
    case BT_WALK_NO_NETNS:
      return fail(ErrorKind::kUsage, "there is no network namespace " + std::to_string(query.request.netns));
    case BT_WALK_NO_TABLE:
      return fail(ErrorKind::kUsage,
                  "protocol " + std::to_string(query.request.protocol) + " has no table of ports that can be walked");
    default:
      return fail(ErrorKind::kInternal, "a walk ended with " + std::to_string(options.retval));
  }
}

}  // namespace

Result<PortWalk> PortWalk::load() {
  log_libbpf();
  if (auto possible = check_all(); !possible) {
    return tl::unexpected(possible.error());
  }
  auto object = Object::load_to_ask(variant_of_this_kernel());
  if (!object) {
    return tl::unexpected(object.error());
  }
  return PortWalk(*std::move(object));
}

Result<std::vector<std::byte>> walk_port(const Object& object, std::span<const std::byte> query) {
  bt_query wire{};
  if (query.size() != sizeof wire) {
    return fail(ErrorKind::kMalformed, "a query of the wrong size");
  }
  std::memcpy(&wire, query.data(), sizeof wire);
  const auto socket = any_socket(wire.request);
  if (!socket) {
    return tl::unexpected(socket.error());
  }
  wire.fd = socket->get();
  object.answer() = {};
  object.query() = wire;
  if (auto done = run(object.walk_fd(), wire); !done) {
    return tl::unexpected(done.error());
  }
  const auto answer = std::as_bytes(std::span(&object.answer(), 1));
  return std::vector<std::byte>(answer.begin(), answer.end());
}

}  // namespace bindtrace
