// SPDX-License-Identifier: Apache-2.0
#include "probe/socket_search.h"

#include <sys/socket.h>

#include <cstring>

#include "probe/iterator.h"
#include "probe/kernel_types.h"

namespace bindtrace {
namespace {

// struct vsock_sock belongs to a module, which may have been loaded since the start.
Result<std::uint32_t> vsock_address() {
  const auto kernel = KernelTypes::load();
  if (!kernel) {
    return tl::unexpected(kernel.error());
  }
  const auto offset = kernel->offset_of("vsock_sock", "local_addr", "vsock");
  if (!offset) {
    return fail(ErrorKind::kUnsupported, "this kernel has no type information of its module vsock");
  }
  return *offset;
}

}  // namespace

Result<std::vector<std::byte>> SocketSearch::search(const Object& object, std::span<const std::byte> query) {
  bt_query wire{};
  if (query.size() != sizeof wire) {
    return fail(ErrorKind::kMalformed, "a query of the wrong size");
  }
  std::memcpy(&wire, query.data(), sizeof wire);
  if (wire.kind == BT_QUERY_ADDRESS && wire.request.family == AF_VSOCK) {
    if (!vsock_address_) {
      vsock_address_ = vsock_address();  // reads the kernel's types: tens of milliseconds
    }
    if (!*vsock_address_) {
      return tl::unexpected(vsock_address_->error());
    }
    wire.vsock_address = **vsock_address_;
  }
  object.query() = wire;
  return run_iterator(object.search_fd());
}

}  // namespace bindtrace
